/**
 * The client library for CernVM-FS notifications: what a publisher, a subscriber or a pipeline needs, without a server and without Jenkins.
 *
 * <p>Start reading in {@code manifest} (names, revisions, hashes), then {@code message} (the JSON on the wire), {@code transport} (reads,
 * announces, subscribes), {@code trust} (verifies signatures), {@code gate} (decides when a revision is readable) and {@code waiting} (runs
 * many gates); {@code sample} makes repositories for tests. {@code src/test/resources/architecture.puml} draws the allowed arrows between
 * them, and a test enforces it.
 *
 * <p>This package itself holds the exceptions: one root, and a subclass for each way in which the caller can continue.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client;

import org.jspecify.annotations.NullMarked;
