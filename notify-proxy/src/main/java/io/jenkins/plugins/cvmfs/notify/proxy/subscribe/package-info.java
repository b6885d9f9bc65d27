/**
 * Subscribers: the subscribe request, and the connections it leaves behind, as WebSockets and event streams.
 *
 * <p>{@link io.jenkins.plugins.cvmfs.notify.proxy.subscribe.SubscribeRoute} reads a request and hands the connection over to a {@code
 * SubscriberConnection}, either a {@code WebSocketSubscriber} or an {@code EventStreamSubscriber}. That subscribes at the fan-out, answers
 * the client, keeps the connection alive and ends it; the fan-out writes announcements to the socket directly. Everything runs on the
 * connection's event loop.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.subscribe;

import org.jspecify.annotations.NullMarked;
