/**
 * Runs gates with the real transports: many at a time, none with its own thread.
 *
 * <p>A {@link io.jenkins.plugins.cvmfs.notify.client.waiting.WaitService} takes a condition and returns a {@link
 * io.jenkins.plugins.cvmfs.notify.client.waiting.Wait}. For each gate it subscribes first, then reads the replicas, compares,
 * waits, and reads again after each reconnect; the gate itself ({@code gate}) decides when.
 *
 * <p>Threads: {@code cvmfs-notify-gates} owns all gates, timers, subscriptions and reads; it never blocks. Up to four threads
 * {@code cvmfs-notify-waiting} call listeners, complete results and close connections; they end when idle. Reads run on the
 * reader's threads, announcements come on the subscriber's. So the number of threads does not depend on the number of gates.
 *
 * <p>Start with {@code WaitService}, then {@code GateRunner} (one gate), {@code ReplicaPoller} (one read for all gates that ask
 * the same, few at a time) and {@code SharedSubscriptions} (one connection for all gates with the same server).
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client.waiting;

import org.jspecify.annotations.NullMarked;
