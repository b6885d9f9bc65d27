package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.client.ClientUpgradeRequest;
import org.eclipse.jetty.websocket.client.JettyUpgradeListener;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.jspecify.annotations.Nullable;

/**
 * Jetty's WebSocket client with the settings of the JDK's HTTP client: its TLS context, proxy selector and authenticator. Starts
 * with the first connection; its few threads serve all WebSockets of the network.
 */
final class JettyClient {

    private static final int MOST_THREADS = 8;
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(20);

    private final java.net.http.HttpClient settings;
    private final String userAgent;
    private final ProxyChoice proxies;
    private @Nullable WebSocketClient client;
    private boolean isClosed;

    /** @param settings where TLS context, proxy selector and authenticator come from */
    JettyClient(java.net.http.HttpClient settings, String userAgent) {
        this.settings = settings;
        this.userAgent = userAgent;
        this.proxies = new ProxyChoice(settings);
    }

    /**
     * Begins to connect.
     *
     * @param url the same as the request's, but with {@code http} for {@code ws}
     * @throws PermanentFailureException if the network is closed
     */
    CompletableFuture<Session> connect(
            URI url, WebSocketEndpoint endpoint, ClientUpgradeRequest request, JettyUpgradeListener handshake)
            throws IOException {
        WebSocketClient running = running();
        Optional<InetSocketAddress> proxy = proxies.proxyFor(url);
        proxy.ifPresent(address -> {
            proxies.register(address, running.getHttpClient());
            request.tag(address);
        });
        return running.connect(endpoint, request, handshake);
    }

    private synchronized WebSocketClient running() {
        if (isClosed) {
            throw new PermanentFailureException("the network is closed");
        }
        if (client == null) {
            client = start();
        }
        return client;
    }

    private WebSocketClient start() {
        WebSocketClient starting = new WebSocketClient(httpClient());
        starting.setIdleTimeout(Duration.ZERO);
        starting.setMaxBinaryMessageSize(ActivityMessage.MAX_BYTES);
        starting.setMaxTextMessageSize(ActivityMessage.MAX_BYTES);
        try {
            starting.start();
            return starting;
        } catch (Exception e) {
            throw new PermanentFailureException("the WebSocket client cannot start: " + e.getMessage(), e);
        }
    }

    private HttpClient httpClient() {
        String name = Network.THREAD_PREFIX + "websocket";
        QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, 1);
        threads.setName(name);
        threads.setDaemon(true);
        SslContextFactory.Client tls = new SslContextFactory.Client();
        tls.setSslContext(settings.sslContext());
        ClientConnector connector = new ClientConnector();
        connector.setExecutor(threads);
        connector.setScheduler(new ScheduledExecutorScheduler(name + "-scheduler", true));
        connector.setSelectors(1);
        connector.setConnectTimeout(CONNECT_LIMIT);
        connector.setSslContextFactory(tls);
        HttpClient http = new HttpClient(new HttpClientTransportOverHTTP(connector));
        http.setFollowRedirects(false);
        http.setHttpCookieStore(new HttpCookieStore.Empty());
        http.setUserAgentField(new HttpField(HttpHeader.USER_AGENT, userAgent));
        return http;
    }

    /** Cuts all connections and ends the threads. */
    synchronized void close() {
        isClosed = true;
        if (client == null) {
            return;
        }
        try {
            client.stop();
        } catch (Exception e) {
            throw new PermanentFailureException("the WebSocket client cannot stop: " + e.getMessage(), e);
        }
    }
}
