/**
 * How it travels: reading repositories, publishing to a notification server, subscribing to it. What a server says is taken as a
 * hint: whether it is true is for {@code trust} to say.
 *
 * <p>Start reading at {@link io.jenkins.plugins.cvmfs.notify.client.transport.Network}: a process makes one and gets from it all
 * that does the work, {@link io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader}, {@link
 * io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher} and {@link
 * io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber}. The first two are requests with a time limit and
 * retries ({@code RetryPolicy}); redirects are never followed.
 *
 * <p>A subscriber is a chain. {@code ReconnectingSubscriber} knows which repositories are wanted and drops what a server merely
 * repeats ({@code ReplayFilter}). {@code Reconnector} keeps one {@code SubscriberChannel} standing for it: connects, pauses ever longer
 * after failures, connects again, and where a server may speak several protocols finds out which. A channel is one connection
 * that ends once: {@code WebSocketChannel} asks for all repositories on one WebSocket, {@code EventStreamChannel} takes as many
 * event streams as it needs and finds out which of two styles of request the server understands. {@code IdleMonitor} notices a
 * server that has vanished without a word. What came goes through {@code ListenerQueue} to the listener.
 *
 * <p>Threads: whatever comes from the network is taken in on threads of the two HTTP clients, and alarms go off on the network's
 * one timer thread ({@code Timer}); nothing blocks there. Each subscriber has one thread for its listener, which ends when there
 * is nothing to deliver; files are read on a few threads of their own, because a mounted file system may hang. Locks are held for
 * changes of state only and never while another class is told something, with one exception that {@code Reconnector} names. All
 * threads are daemons, are called {@code cvmfs-notify-…} and end with the network.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client.transport;

import org.jspecify.annotations.NullMarked;
