/**
 * The connections of this Jenkins to notification servers and repositories, shared by all builds and all steps.
 *
 * <p>{@link io.jenkins.plugins.cvmfs.notify.connection.Connections} is the one place that opens and closes them: one network
 * (HTTP client and threads), and one subscription per notification server, however many builds wait for it. They are opened by
 * the first that needs them, closed after the last, and closed when Jenkins goes down. Start there.
 *
 * <p>Everything is bounded by what the client library promises: a waiting build costs a map entry, no thread. Nothing here
 * names steps or forms.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.connection;

import org.jspecify.annotations.NullMarked;
