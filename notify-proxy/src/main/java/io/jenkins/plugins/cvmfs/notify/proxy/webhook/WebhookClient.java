package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.transport.ServerBusyException;
import io.jenkins.plugins.cvmfs.notify.proxy.webhook.Webhook.Message;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.Nullable;

/** Sends messages to receivers. Nothing blocks except {@link #close()}. */
interface WebhookClient extends AutoCloseable {

    /** Messages that may be under way to a receiver. */
    int MOST_AT_A_TIME = 4;

    /**
     * The answer of a receiver.
     *
     * @param status of HTTP
     * @param retryAfter the pause that it asks for; zero if it asks for none
     */
    record Answer(int status, Duration retryAfter) {}

    /** Sends a message once. The future completes within its time limit, exceptionally without an answer; {@link #problem} says why. */
    CompletableFuture<Answer> send(Message message);

    /** Returns a phrase for operators that shows nothing of URL and headers. */
    static String problem(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof AddressGuard.Refused) {
                return String.valueOf(cause.getMessage());
            } else if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
                return "its host name is unknown";
            } else if (cause instanceof SSLException) {
                return "TLS fails: " + Excerpt.of(String.valueOf(cause.getMessage()));
            } else if (cause instanceof TimeoutException || cause instanceof SocketTimeoutException) {
                return "no complete answer in time";
            } else if (cause instanceof ConnectException) {
                return "the connection is refused";
            } else if (cause instanceof EOFException || cause instanceof ClosedChannelException) {
                return "the connection was closed without a complete answer";
            }
        }
        return failure instanceof IOException ? "the connection failed" : "the request failed";
    }

    /** Cancels what is under way. Closing twice is fine. */
    @Override
    void close();

    /**
     * Sends them over HTTP: follows no redirect, uses no HTTP proxy, and connects only to addresses that the {@link AddressGuard} lets
     * pass. Starts with the first message. Thread-safe.
     */
    final class OverHttp implements WebhookClient {

        private static final int MOST_THREADS = 8;
        private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
        private static final Duration IDLE_LIMIT = Duration.ofSeconds(60);
        private static final int MOST_WAITING = 1024;

        private final Clock clock;
        private @Nullable HttpClient client;
        private boolean isClosed;

        /** @param clock the time of day, for a {@code Retry-After} that is a date */
        OverHttp(Clock clock) {
            this.clock = clock;
        }

        @Override
        public CompletableFuture<Answer> send(Message message) {
            CompletableFuture<Answer> answer = new CompletableFuture<>();
            try {
                Request request = running()
                        .newRequest(message.url())
                        .method(HttpMethod.POST)
                        .tag(message.allowPrivate() ? AddressGuard.PRIVATE_TOO : null)
                        .timeout(message.timeout().toMillis(), TimeUnit.MILLISECONDS)
                        .headers(fields -> message.headers().forEach(fields::put))
                        .body(new BytesRequestContent(
                                message.contentType(), message.body().getBytes(UTF_8)));
                // Its body is of no interest, and is dropped as it comes.
                request.send(result -> {
                    if (result.isFailed()) {
                        answer.completeExceptionally(result.getFailure());
                    } else {
                        Response response = result.getResponse();
                        answer.complete(new Answer(
                                response.getStatus(),
                                ServerBusyException.retryAfter(
                                        response.getHeaders().get(HttpHeader.RETRY_AFTER), clock.instant())));
                    }
                });
            } catch (Exception e) {
                answer.completeExceptionally(e);
            }
            return answer;
        }

        private synchronized HttpClient running() throws Exception {
            if (isClosed) {
                throw new IOException("the proxy is shutting down");
            }
            if (client == null) {
                client = start();
            }
            return client;
        }

        private static HttpClient start() throws Exception {
            QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, 1);
            threads.setName("cvmfs-notify-webhook-http");
            threads.setDaemon(true);
            ClientConnector connector = new ClientConnector();
            connector.setExecutor(threads);
            connector.setScheduler(new ScheduledExecutorScheduler("cvmfs-notify-webhook-timeouts", true));
            connector.setSelectors(1);
            connector.setConnectTimeout(CONNECT_LIMIT);
            HttpClient http = new HttpClient(new HttpClientTransportOverHTTP(connector));
            http.setFollowRedirects(false);
            http.setHttpCookieStore(new HttpCookieStore.Empty());
            http.setUserAgentField(new HttpField(HttpHeader.USER_AGENT, "notify-proxy"));
            http.setIdleTimeout(IDLE_LIMIT.toMillis());
            http.setDestinationIdleTimeout(IDLE_LIMIT.toMillis());
            http.setMaxConnectionsPerDestination(MOST_AT_A_TIME);
            http.setMaxRequestsQueuedPerDestination(MOST_WAITING);
            http.setSocketAddressResolver(new AddressGuard(
                    new SocketAddressResolver.Async(threads, connector.getScheduler(), CONNECT_LIMIT.toMillis())));
            http.start();
            // 401 and 407 are answers, and nothing needs to be decompressed.
            http.getProtocolHandlers().clear();
            http.getContentDecoderFactories().clear();
            return http;
        }

        @Override
        public void close() {
            HttpClient running;
            synchronized (this) {
                isClosed = true;
                running = client;
            }
            if (running != null) {
                try {
                    running.stop();
                } catch (Exception e) {
                    throw new IllegalStateException("the client of webhooks cannot stop", e);
                }
            }
        }
    }
}
