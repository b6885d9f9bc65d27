package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.eclipse.jetty.client.Authentication;
import org.eclipse.jetty.client.BasicAuthentication;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpProxy;
import org.eclipse.jetty.client.HttpResponseException;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.client.ClientUpgradeRequest;
import org.eclipse.jetty.websocket.client.JettyUpgradeListener;
import org.eclipse.jetty.websocket.client.WebSocketClient;
import org.jspecify.annotations.Nullable;

/**
 * Opens WebSockets with Jetty's client and the settings of the JDK's HTTP client: TLS context, proxy selector and authenticator; and asks
 * one address of a server or of a cache, which the JDK's client cannot. Starts with the first connection; its few threads serve all
 * of the network.
 */
final class JettyClient {

    private static final int MOST_THREADS = 8;
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(20);

    private final java.net.http.HttpClient settings;
    private final String userAgent;
    private final Proxies proxies;
    private @Nullable WebSocketClient client;
    private boolean isClosed;

    /** @param settings supplies TLS context, proxy selector and authenticator */
    JettyClient(java.net.http.HttpClient settings, String userAgent) {
        this.settings = settings;
        this.userAgent = userAgent;
        this.proxies = new Proxies(settings);
    }

    /**
     * Connects. Failures are this library's exceptions and name the URL; cancelling the future ends the attempt.
     *
     * @param url {@code http} or {@code https}
     * @param timer the time of day, for a {@code Retry-After} that is a date
     * @param endpoint receives the frames
     */
    CompletableFuture<Session> connect(URI url, TokenSource token, Timer timer, Session.Listener endpoint) {
        Handshake handshake = new Handshake();
        return Futures.translate(
                Futures.begin(() -> attempt(url, token, endpoint, handshake)),
                failure -> translated(url, failure, handshake.response.get(), timer));
    }

    private CompletableFuture<Session> attempt(
            URI url, TokenSource token, Session.Listener endpoint, Handshake handshake) {
        URI webSocketUrl = URI.create("ws" + url.toString().substring("http".length()));
        ClientUpgradeRequest request = new ClientUpgradeRequest(webSocketUrl);
        HttpSender.bearer(token).ifPresent(value -> request.setHeader(HttpSender.AUTHORIZATION, value));
        WebSocketClient running = running();
        proxies.proxyFor(url, running.getHttpClient()).ifPresent(request::tag);
        try {
            return running.connect(endpoint, request, handshake);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static NotifyException translated(URI url, Throwable failure, @Nullable Response response, Timer timer) {
        if (response != null) {
            return response.getStatus() == 101
                    ? new PermanentFailureException(
                            "%s: the server's WebSocket handshake is invalid: %s"
                                    .formatted(url, Excerpt.of(String.valueOf(failure.getMessage()))),
                            failure)
                    : HttpErrors.ofStatus(response.getStatus(), headers(response), url, timer.now());
        }
        return NotifyException.find(HttpResponseException.class, failure)
                .map(refusal -> byProxy(url, refusal.getResponse().getStatus()))
                .orElseGet(() -> HttpErrors.of(url.toString(), failure));
    }

    private static NotifyException byProxy(URI url, int status) {
        return status == 407
                ? new RefusedException(url + ": the HTTP proxy asks for credentials (407)", new Obstacle.Status(407))
                : new PermanentFailureException(
                        "%s: the HTTP proxy refuses the tunnel (%d)".formatted(url, status), new Obstacle.Status(407));
    }

    private static HttpHeaders headers(Response response) {
        Map<String, List<String>> values = response.getHeaders().stream()
                .collect(Collectors.groupingBy(
                        HttpField::getName,
                        () -> new TreeMap<>(String.CASE_INSENSITIVE_ORDER),
                        Collectors.mapping(HttpField::getValue, Collectors.toList())));
        return HttpHeaders.of(values, (name, value) -> value != null);
    }

    /** Keeps the server's answer, because the exception has only its status. */
    private static final class Handshake implements JettyUpgradeListener {

        private final AtomicReference<@Nullable Response> response = new AtomicReference<>();

        @Override
        public void onHandshakeResponse(Request request, Response answer) {
            response.set(answer);
        }
    }

    /**
     * The one address to connect to, whatever the host name of the URL resolves to. A connection carries it as its tag.
     *
     * @param isCache true to ask for the whole URL there, as an HTTP proxy is asked
     */
    record Peer(InetSocketAddress address, boolean isCache) {

        /** Returns {@code 192.0.2.7:3128}. */
        @Override
        public String toString() {
            String host = address.getAddress().getHostAddress();
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
        }
    }

    /**
     * Sends a request without a body to one address, on a connection of its own, and reads its answer. Failures are this library's
     * exceptions; cancelling the future ends the exchange.
     *
     * @param maxBytes the longest body with status 200
     */
    CompletableFuture<HttpSender.Answer> send(HttpRequest request, Peer peer, int maxBytes) {
        Exchange exchange = new Exchange(request, maxBytes);
        return Futures.translate(
                Futures.begin(() -> exchange.start(running().getHttpClient(), peer)),
                failure -> HttpErrors.of(peer.toString(), failure));
    }

    /** One request of the JDK's, sent by Jetty. */
    private static final class Exchange implements Response.Listener {

        private final HttpRequest asked;
        private final int maxBytes;
        private final CompletableFuture<HttpSender.Answer> answer = new CompletableFuture<>();
        private HttpSender.@Nullable LimitedBody body;

        Exchange(HttpRequest asked, int maxBytes) {
            this.asked = asked;
            this.maxBytes = maxBytes;
        }

        CompletableFuture<HttpSender.Answer> start(HttpClient client, Peer peer) {
            Request request = client.newRequest(asked.uri())
                    .method(asked.method())
                    .tag(peer)
                    .headers(fields -> {
                        asked.headers().map().forEach(fields::put);
                        fields.put(HttpHeader.CONNECTION, "close");
                    });
            Futures.whenDone(answer, (response, failure) -> {
                if (failure != null) {
                    var unused = request.abort(failure);
                }
            });
            request.send(this);
            return answer;
        }

        @Override
        public void onHeaders(Response response) {
            body = HttpSender.LimitedBody.of(response.getStatus(), asked.uri(), maxBytes);
        }

        @Override
        public void onContent(Response response, ByteBuffer content) {
            try {
                Objects.requireNonNull(body).take(content);
            } catch (NotifyException tooLong) {
                answer.completeExceptionally(tooLong);
            }
        }

        @Override
        public void onComplete(Result result) {
            if (result.isFailed()) {
                answer.completeExceptionally(result.getFailure());
            } else {
                answer.complete(new HttpSender.Answer(
                        result.getResponse().getStatus(),
                        JettyClient.headers(result.getResponse()),
                        Objects.requireNonNull(body).result()));
            }
        }
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
            // Caches keep compressed answers apart; CernVM-FS clients do not ask for them.
            starting.getHttpClient().getContentDecoderFactories().clear();
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
        http.setDestinationIdleTimeout(CONNECT_LIMIT.toMillis());
        http.setSocketAddressResolver(new PeerResolver(
                new SocketAddressResolver.Async(threads, connector.getScheduler(), CONNECT_LIMIT.toMillis())));
        http.getProxyConfiguration().addProxy(new CacheProxy());
        return http;
    }

    /** Cuts all connections and ends the threads. */
    void close() {
        WebSocketClient running;
        synchronized (this) {
            isClosed = true;
            running = client;
        }
        if (running == null) {
            return;
        }
        try {
            running.stop();
        } catch (Exception e) {
            throw new PermanentFailureException("the WebSocket client cannot stop: " + e.getMessage(), e);
        }
    }

    /**
     * Lets Jetty's client use the JDK's proxy selector, which may choose another proxy for each connection: a connection carries the
     * chosen proxy's address as its tag, and each proxy matches the connections with its address.
     */
    private static final class Proxies {

        private final @Nullable ProxySelector selector;
        private final @Nullable Authenticator authenticator;
        private final Set<InetSocketAddress> registered = new HashSet<>();

        Proxies(java.net.http.HttpClient settings) {
            this.selector = settings.proxy().orElse(ProxySelector.getDefault());
            this.authenticator = settings.authenticator().orElse(null);
        }

        /** Returns the HTTP proxy for this URL, made known to the client; empty to connect directly. */
        Optional<InetSocketAddress> proxyFor(URI url, HttpClient client) {
            if (selector == null) {
                return Optional.empty();
            }
            Optional<InetSocketAddress> chosen = selector.select(url).stream()
                    .findFirst()
                    .filter(proxy -> proxy.type() == Proxy.Type.HTTP)
                    .map(proxy -> (InetSocketAddress) proxy.address());
            chosen.ifPresent(address -> register(address, client));
            return chosen;
        }

        private synchronized void register(InetSocketAddress address, HttpClient client) {
            if (!registered.add(address)) {
                return;
            }
            TaggedProxy proxy = new TaggedProxy(address);
            client.getProxyConfiguration().addProxy(proxy);
            PasswordAuthentication login = login(address);
            if (login != null) {
                client.getAuthenticationStore()
                        .addAuthentication(new BasicAuthentication(
                                proxy.getURI(),
                                Authentication.ANY_REALM,
                                login.getUserName(),
                                new String(login.getPassword())));
            }
        }

        private @Nullable PasswordAuthentication login(InetSocketAddress address) {
            if (authenticator == null) {
                return null;
            }
            return Authenticator.requestPasswordAuthentication(
                    authenticator,
                    address.getHostString(),
                    address.getAddress(),
                    address.getPort(),
                    "http",
                    "",
                    "basic",
                    null,
                    Authenticator.RequestorType.PROXY);
        }
    }

    /** Gives the peer's address to a connection that has a peer, and looks up the name for any other. */
    private record PeerResolver(SocketAddressResolver names) implements SocketAddressResolver {

        @Override
        public void resolve(
                String host, int port, Map<String, Object> context, Promise<List<InetSocketAddress>> result) {
            if (context.get(Destination.CONTEXT_KEY) instanceof Destination destination
                    && destination.getOrigin().getTag() instanceof Peer peer) {
                result.succeeded(List.of(peer.address()));
            } else {
                names.resolve(host, port, context, result);
            }
        }
    }

    /** Stands for every cache; its own address is never used, because a connection to a cache has a peer. */
    private static final class CacheProxy extends HttpProxy {

        CacheProxy() {
            super("cache.invalid", 3128);
        }

        @Override
        public boolean matches(Origin origin) {
            return origin.getTag() instanceof Peer peer && peer.isCache();
        }
    }

    private static final class TaggedProxy extends HttpProxy {

        private final InetSocketAddress address;

        TaggedProxy(InetSocketAddress address) {
            super(address.getHostString(), address.getPort());
            this.address = address;
        }

        @Override
        public boolean matches(Origin origin) {
            return address.equals(origin.getTag());
        }

        /** Always true: a proxy forwards a WebSocket only through a tunnel, also an unencrypted one. */
        @Override
        public boolean requiresTunnel(Origin origin) {
            return true;
        }
    }
}
