/**
 * HTTP/1.1 on Netty: publish, the three kinds of subscription, and whatever endpoints the rest of the proxy registers.
 *
 * <p>{@link io.jenkins.plugins.cvmfs.notify.proxy.http.HttpServer} listens and shuts down. A connection begins as an {@code
 * HttpConnection}, which takes one request after the other through its {@code HttpState}s to a {@code Route}. A resource
 * answers, or hands the connection over: then the HTTP handlers leave the pipeline, and a {@code SubscriberConnection} ({@code
 * WebSocketConnection}, {@code CommentedEventStream} or {@code BareEventStream}) is all that remains. It looks after the
 * socket; announcements are written past it by the fan-out.
 *
 * <p>Threads: one event loop less than there are processors, each connection on one of them for life; nothing blocks there. Endpoints are
 * read on one thread of their own. Limits are in {@code LimitsConfig}; where one is passed, the newest is refused with an
 * answer that says so, and counted.
 *
 * <p>Start reading at {@code HttpConnection}.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.http;

import org.jspecify.annotations.NullMarked;
