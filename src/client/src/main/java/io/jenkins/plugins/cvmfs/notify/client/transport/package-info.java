/**
 * Reads repositories, announces to a notification server, and subscribes to one. Whether a server's data is authentic is decided by
 * {@code trust}, not here.
 *
 * <p>Start reading at {@link io.jenkins.plugins.cvmfs.notify.client.transport.Network}, of which a process has one. It makes a {@link
 * io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader}, {@link
 * io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher} and {@link
 * io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber}. The first two send requests ({@code HttpSender}) with a time
 * limit and retries ({@code Retrier}); redirects are never followed. A {@link
 * io.jenkins.plugins.cvmfs.notify.client.transport.CacheRefresher} reads manifests through HTTP caches, so that these fetch them anew; each
 * address of a cache's name ({@code AddressLookup}) is asked by itself, which only Jetty's client can ({@code JettyClient}).
 *
 * <p>A subscriber is a chain. {@code ReconnectingSubscriber} holds the subscriptions and drops repeated messages; it keeps one {@code
 * SubscriberChannel} connected, with growing pauses after failures, and finds out which protocol the server speaks. A channel is one
 * connection that ends once: {@code WebSocketChannel} subscribes to all repositories on one WebSocket, {@code EventStreamChannel} opens as
 * many event streams as it needs and finds out which style of request the server understands. {@code IdleMonitor} detects a server that
 * vanished. {@code ListenerQueue} passes everything to the listener.
 *
 * <p>Threads: data from the network is processed on the threads of the two HTTP clients, and alarms on the timer's one thread; nothing
 * blocks there. Each subscriber has one thread for its listener, which ends when idle; files are read on threads of their own, because a
 * mounted file system may hang. Locks guard state, and are never held while a channel, a listener or a future's dependents are called. All
 * threads are daemons named {@code cvmfs-notify-…} and end with the network, also the scheduler's of Jetty's client; only the selector
 * thread of the JDK's client has a name of its own and ends when that client is garbage-collected.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client.transport;

import org.jspecify.annotations.NullMarked;
