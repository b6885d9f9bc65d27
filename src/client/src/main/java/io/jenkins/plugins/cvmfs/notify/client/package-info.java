/**
 * The client side of CernVM-FS notifications: everything a publisher, a subscriber or a pipeline needs, without a server and
 * without Jenkins.
 *
 * <p>Start reading in {@code manifest} (what a repository says of itself), then {@code protocol} (what travels), {@code
 * transport} (how it travels), {@code trust} (whether to believe it), {@code gate} (deciding when a revision can be read) and
 * {@code waiting} (running that decision with the transports); {@code sample} makes repositories to try it with. Which of them
 * may use which is drawn in {@code src/test/resources/architecture.puml}, and a test holds the code to it.
 *
 * <p>This package itself only holds the exceptions: one root, its subclasses named by what the caller does next.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client;

import org.jspecify.annotations.NullMarked;
