package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.CallerRights;
import io.jenkins.plugins.cvmfs.notify.client.message.RelayPath;
import io.jenkins.plugins.cvmfs.notify.client.message.ServerReply;
import io.jenkins.plugins.cvmfs.notify.client.message.UsualTimes;
import java.net.Authenticator;
import java.net.InetAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The library's entry point: makes readers, refreshers of caches, publishers and subscribers, which share its HTTP proxy, TLS settings and
 * threads. One is enough for a process. The caller that builds it closes it, last; closing it ends everything made by it.
 *
 * <p>Threads start with the first use, are daemons named {@code cvmfs-notify-…}, and end when the network is closed: at most four for HTTP,
 * eight for WebSockets and caches and one for their time limits, four for reading files, four for looking up names, one for each mount that
 * is read, a timer, and one for the listener of each subscriber that has something to deliver. Besides, the JDK's HTTP client has a daemon
 * {@code HttpClient-…-SelectorManager} from the start until that client is garbage-collected. A client that is handed in uses its own
 * threads for HTTP.
 *
 * <p>Thread-safe; no method except {@link #close()} blocks.
 */
public final class Network implements SubscriberFactory, AutoCloseable {

    static final String THREAD_PREFIX = "cvmfs-notify-";

    private static final Duration ANSWER_TIME_LIMIT = Duration.ofSeconds(10);
    private static final Duration FORGET_TIME_LIMIT = Duration.ofSeconds(30);
    private static final Duration USUAL_TIMES_TIME_LIMIT = Duration.ofSeconds(2);
    private static final int THREADS = 4;
    private static final int WAITING_TASKS = 10_000;

    private final Timer.SystemTimer timer = new Timer.SystemTimer();
    private final Retrier retrier = new Retrier(timer);
    private final ThreadPoolExecutor fileThreads = threads("files");
    private final ThreadPoolExecutor nameThreads = threads("names");
    /** Its tasks never block. When its queue is full, the thread that submits a task runs it, which slows submission down. */
    private final ThreadPoolExecutor httpThreads = threads("http");

    private final HttpSender client;
    private final JettyClient webSockets;
    private final MountReader mounts;
    private final RepositoryReader repositoryReader;
    private final CacheRefresher cacheRefresher;
    private final Set<NotificationSubscriber> subscribers = ConcurrentHashMap.newKeySet();
    private volatile boolean isClosed;

    private Network(Builder settings) {
        httpThreads.setRejectedExecutionHandler(new ThreadPoolExecutor.CallerRunsPolicy());
        HttpClient httpClient = settings.httpClient(httpThreads);
        this.client = new HttpSender(httpClient, settings.userAgent);
        this.webSockets = new JettyClient(httpClient, settings.userAgent);
        RetryingRepositoryReader files =
                new RetryingRepositoryReader(client, fileThreads, timer, retrier, settings.readTimeLimit);
        AddressLookup names = new AddressLookup(settings.names, nameThreads, retrier);
        this.mounts = new MountReader(settings.mounts, timer);
        this.repositoryReader = new LocationReader(files, webSockets, names, mounts, settings.readTimeLimit);
        this.cacheRefresher = new CacheRefresher(webSockets, names, files);
    }

    private static ThreadPoolExecutor threads(String role) {
        return DaemonThreads.pool(THREADS, WAITING_TASKS, DaemonThreads.numbered(THREAD_PREFIX + role));
    }

    /** Returns a builder with the JDK's default proxy selector and TLS settings. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns the reader of repositories, always the same one. */
    public RepositoryReader repositoryReader() {
        return repositoryReader;
    }

    /** Returns what refreshes HTTP caches, always the same one. */
    public CacheRefresher cacheRefresher() {
        return cacheRefresher;
    }

    /** Makes a publisher to one server. */
    public NotificationPublisher publisher(PublisherSettings settings) {
        return new HttpPublisher(client, timer, retrier, settings);
    }

    /**
     * Asks a server which relays its announcements come through.
     *
     * @return fails if it does not answer within 10 s, or does not tell
     */
    public CompletableFuture<RelayPath> relayPath(NotificationServer server) {
        URI url = URI.create(server.apiUrl() + "/readyz");
        return ask(url, TokenSource.NONE, RelayPath.MAX_BYTES, ANSWER_TIME_LIMIT)
                .thenApply(response -> RelayPath.parse(response.body())
                        .orElseThrow(() -> new PermanentFailureException(
                                "%s: the server does not tell its relays (%d)".formatted(url, response.statusCode()))));
    }

    /**
     * Asks a server what this token allows there.
     *
     * @param repositories of which it is asked, at most {@link CallerRights#MOST}
     * @return empty if the server does not tell, as only notify-proxy does; fails with {@code RefusedException} if the token is wrong,
     *     and if there is no answer within 10 s
     */
    public CompletableFuture<Optional<CallerRights>> rights(
            NotificationServer server, TokenSource token, Collection<RepositoryName> repositories) {
        String names = repositories.stream()
                .map(name -> "repository=" + name.value())
                .collect(Collectors.joining("&", "?", ""));
        URI url = URI.create(server.apiUrl() + "/rights" + names);
        return ask(url, token, CallerRights.MAX_BYTES, ANSWER_TIME_LIMIT).thenApply(response -> {
            if (response.statusCode() == 401) {
                throw HttpErrors.ofStatus(401, response.headers(), url, timer.now());
            }
            return response.statusCode() == 200 ? CallerRights.parse(response.body()) : Optional.empty();
        });
    }

    /**
     * Has a server forget the last announcement of a repository, as only notify-proxy does. Makes one attempt of at most 30 s.
     *
     * @return false if the repository is unknown there; fails with a {@code NotifyException}
     */
    public CompletableFuture<Boolean> forget(NotificationServer server, TokenSource token, RepositoryName repository) {
        URI url = URI.create("%s/repositories/%s/forget".formatted(server.apiUrl(), repository));
        HttpRequest request = client.request(url, token)
                .timeout(FORGET_TIME_LIMIT)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        return client.send(request, ServerReply.MAX_BYTES).thenApply(response -> {
            boolean isUnknown = response.statusCode() == 404
                    && ServerReply.parse(response.body())
                            .filter(reply -> reply.reason().equals("unknown_repository"))
                            .isPresent();
            if (response.statusCode() != 200 && !isUnknown) {
                throw HttpErrors.ofStatus(response.statusCode(), response.headers(), url, timer.now());
            }
            return !isUnknown;
        });
    }

    /**
     * Asks a server how long revisions of a repository usually take to its replicas.
     *
     * @return fails if it does not answer within 2 s, or does not tell, as servers other than notify-proxy
     */
    @Override
    public CompletableFuture<UsualTimes> usualTimes(SubscriberSettings settings, RepositoryName repository) {
        URI url = URI.create(
                "%s/repositories/%s/replicas".formatted(settings.server().apiUrl(), repository));
        return ask(url, settings.token(), UsualTimes.MAX_BYTES, USUAL_TIMES_TIME_LIMIT)
                .thenApply(response -> Optional.of(response)
                        .filter(it -> it.statusCode() == 200)
                        .flatMap(it -> UsualTimes.parse(it.body()))
                        .orElseThrow(() -> new PermanentFailureException("%s: the server does not tell usual times (%d)"
                                .formatted(url, response.statusCode()))));
    }

    private CompletableFuture<HttpSender.Answer> ask(URI url, TokenSource token, int maxBytes, Duration limit) {
        return client.send(client.request(url, token).build(), maxBytes).orTimeout(limit.toSeconds(), TimeUnit.SECONDS);
    }

    /** {@inheritDoc} After {@link #close()} it is closed from the start. */
    @Override
    public NotificationSubscriber subscriber(SubscriberSettings settings, SubscriptionListener listener) {
        NotificationSubscriber subscriber =
                new ReconnectingSubscriber(settings, client, webSockets, timer, listener, subscribers::remove);
        subscribers.add(subscriber);
        if (isClosed) {
            subscriber.close();
        }
        return subscriber;
    }

    /** Closes all subscribers, cancels all unfinished futures and ends the threads. Idempotent. */
    @Override
    public void close() {
        isClosed = true;
        List.copyOf(subscribers).forEach(NotificationSubscriber::close);
        webSockets.close();
        retrier.close();
        mounts.close();
        timer.close();
        fileThreads.shutdownNow();
        nameThreads.shutdownNow();
        httpThreads.shutdown();
    }

    /** The settings of a network. Not thread-safe. */
    public static final class Builder {

        private static final Duration CONNECT_TIME_LIMIT = Duration.ofSeconds(20);

        private @Nullable HttpClient httpClient;
        private @Nullable ProxySelector proxy;
        private @Nullable SSLContext tls;
        private @Nullable Authenticator proxyAuthenticator;
        private Duration readTimeLimit = Duration.ofSeconds(60);
        private String userAgent = "cvmfs-notify-client";
        private AddressLookup.Source names = InetAddress::getAllByName;
        private MountReader.Source mounts = new MountReader.SystemSource();

        private Builder() {}

        /**
         * Uses this client and its threads; the caller keeps and closes it. WebSockets use its proxy selector, TLS context and
         * authenticator, which then cannot be set here.
         *
         * @param client must be built with {@link HttpClient.Redirect#NEVER}
         */
        public Builder httpClient(HttpClient client) {
            this.httpClient = client;
            return this;
        }

        /** Selects the HTTP proxy for each server; {@link HttpClient.Builder#NO_PROXY} for none. Default: the JDK's selector. */
        public Builder proxy(ProxySelector selector) {
            this.proxy = selector;
            return this;
        }

        /** Sets the trusted certificates and the client's own one. Host names are always verified. Default: the JDK's context. */
        public Builder tls(SSLContext context) {
            this.tls = context;
            return this;
        }

        /** Supplies the user name and password for the HTTP proxy. Default: none. */
        public Builder proxyAuthenticator(Authenticator authenticator) {
            this.proxyAuthenticator = authenticator;
            return this;
        }

        /** Limits the time for reading one file of a repository, retry included. Default: 60 s. */
        public Builder readTimeLimit(Duration limit) {
            this.readTimeLimit = limit;
            return this;
        }

        /** Sets the {@code User-Agent} header. Default: {@code cvmfs-notify-client}. */
        public Builder userAgent(String name) {
            this.userAgent = name;
            return this;
        }

        /** Reads mounted repositories. Default: those of this machine. */
        Builder mounts(MountReader.Source source) {
            this.mounts = source;
            return this;
        }

        /** Looks up the addresses of caches and replicas. Default: as the JDK does. */
        Builder names(AddressLookup.Source source) {
            this.names = source;
            return this;
        }

        /**
         * Makes the network; it connects to nothing yet.
         *
         * @throws InvalidInputException if the settings contradict each other or are out of range; the message says which
         */
        public Network build() {
            if (httpClient != null && (proxy != null || tls != null || proxyAuthenticator != null)) {
                throw new InvalidInputException(
                        "proxy, TLS and authenticator belong to the HTTP client that was handed in; set them there");
            }
            if (readTimeLimit.isZero() || readTimeLimit.isNegative()) {
                throw new InvalidInputException(
                        "the read time limit is %s, it must be above 0".formatted(readTimeLimit));
            }
            if (userAgent.startsWith("cvmfs/") || !userAgent.matches("[\\x21-\\x7e][\\x20-\\x7e]*")) {
                throw new InvalidInputException(
                        "the user agent must be printable ASCII and not begin with cvmfs/, the name of the C++ client");
            }
            return new Network(this);
        }

        private HttpClient httpClient(Executor threads) {
            if (httpClient != null) {
                return httpClient;
            }
            HttpClient.Builder builder = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .connectTimeout(CONNECT_TIME_LIMIT)
                    .executor(threads)
                    .proxy(proxy == null ? ProxySelector.getDefault() : proxy);
            if (tls == null) {
                // Without parameters of its own the client would ask the context at once.
                builder.sslContext(DefaultTls.context()).sslParameters(new SSLParameters());
            } else {
                builder.sslContext(tls);
            }
            if (proxyAuthenticator != null) {
                builder.authenticator(proxyAuthenticator);
            }
            return builder.build();
        }
    }

    /**
     * The JDK's default TLS context, made with the first TLS connection. It reads all trusted certificates of the machine, which takes a
     * command that announces by plain HTTP longer than all the rest. Thread-safe.
     */
    private static final class DefaultTls extends SSLContextSpi {

        /** Returns a context that is like {@link SSLContext#getDefault()}. */
        static SSLContext context() {
            return new SSLContext(new DefaultTls(), null, "Default") {};
        }

        /** @throws IllegalStateException if the JVM's settings for TLS are wrong, such as a trust store that cannot be read */
        private static SSLContext made() {
            try {
                return SSLContext.getDefault();
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("the JVM has no TLS: check its settings javax.net.ssl.*", e);
            }
        }

        @Override
        protected void engineInit(KeyManager[] keys, TrustManager[] trusted, SecureRandom random) {
            throw new IllegalStateException("the default TLS context cannot be initialized");
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory() {
            return made().getSocketFactory();
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory() {
            return made().getServerSocketFactory();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine() {
            return made().createSSLEngine();
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port) {
            return made().createSSLEngine(host, port);
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext() {
            return made().getServerSessionContext();
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext() {
            return made().getClientSessionContext();
        }

        @Override
        protected SSLParameters engineGetDefaultSSLParameters() {
            return made().getDefaultSSLParameters();
        }

        @Override
        protected SSLParameters engineGetSupportedSSLParameters() {
            return made().getSupportedSSLParameters();
        }
    }
}
