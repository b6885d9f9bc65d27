/**
 * What is done to a proxy on purpose: bad input, bad clients, a bad broker, a bad disk, for a short or a long time.
 *
 * <p>The whole-proxy suites are here; docs/operations.md has one row for each fault. The tests that throw bad inputs at one part
 * stand beside that part and are called {@code …FuzzTest}; they use {@code Fuzz} from here. {@code Effort} tells the short form
 * from the long one.
 */
package io.jenkins.plugins.cvmfs.notify.proxy.abuse;
