/**
 * HTTP/1.1 on Netty: connections, requests and responses. What the server does with a request is in the {@link
 * io.jenkins.plugins.cvmfs.notify.proxy.http.Route}s that its owner gives it.
 *
 * <p>{@link io.jenkins.plugins.cvmfs.notify.proxy.http.HttpServer} listens and shuts down. A connection is an {@code HttpConnection},
 * which passes one request after the other to a route. The route answers, or hands the connection over: then the HTTP handlers leave the
 * pipeline.
 *
 * <p>Threads: one event loop fewer than there are processors, each connection on one of them for life; nothing blocks there. A {@link
 * io.jenkins.plugins.cvmfs.notify.proxy.http.BlockingRoute} answers on a thread of its own. Limits are in {@code LimitsConfig}; beyond
 * a limit, the newest is refused with a response that says so, and counted.
 *
 * <p>Start reading at {@code HttpConnection}.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.http;

import org.jspecify.annotations.NullMarked;
