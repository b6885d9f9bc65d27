/**
 * The client side of CernVM-FS notifications: everything a publisher, a subscriber or a pipeline needs, without a server and
 * without Jenkins.
 *
 * <p>Start reading in {@code manifest} (what a repository says of itself), then {@code protocol} (what travels), {@code
 * transport} (how it travels), {@code trust} (whether to believe it) and {@code gate} (waiting until a revision can be read).
 * This package itself only holds the exceptions: one root, its subclasses named by what the caller does next.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client;

import org.jspecify.annotations.NullMarked;
