/**
 * Runs gates with the real transports: many at a time, none with a thread of its own.
 *
 * <p>A {@link io.jenkins.plugins.cvmfs.notify.client.waiting.WaitService} takes a condition in and gives a {@link
 * io.jenkins.plugins.cvmfs.notify.client.waiting.Wait} back. For each gate it subscribes first, then reads the replicas,
 * compares, waits, and reads again at each reconnect; the gate itself ({@code gate}) says when.
 *
 * <p>Threads: one, {@code cvmfs-notify-gates}, owns all gates, timers, servers and questions; it never blocks. Up to four, {@code
 * cvmfs-notify-waiting}, call listeners, complete results and close connections; they live only while they have something to do.
 * Reads run on the reader's threads, announcements come on the subscriber's. So the number of threads does not depend on the
 * number of gates.
 *
 * <p>Start with {@code WaitService}, then {@code GateRunner} (one gate), {@code ReplicaPoller} (one question for all who ask it, few at
 * a time) and {@code SharedSubscription} (one connection for all gates with the same server).
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client.waiting;

import org.jspecify.annotations.NullMarked;
