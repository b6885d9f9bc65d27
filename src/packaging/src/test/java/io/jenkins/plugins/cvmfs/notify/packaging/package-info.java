/**
 * What becomes of the packages on a machine: the deb is installed into a folder of its own, the rpm is read, and what systemd and
 * shells are given is checked by them. Each test is skipped, with a line that says so, where the program that it needs is missing.
 *
 * <p>Start reading at {@code DebIT}.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.packaging;

import org.jspecify.annotations.NullMarked;
