package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.net.Authenticator;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The settings of a {@link Network}. Not thread-safe. */
public final class NetworkBuilder {

    private static final Duration CONNECT_TIME_LIMIT = Duration.ofSeconds(20);
    private static final Duration READ_TIME_LIMIT = Duration.ofSeconds(60);

    private @Nullable HttpClient httpClient;
    private @Nullable ProxySelector proxy;
    private @Nullable SSLContext tls;
    private @Nullable Authenticator proxyAuthenticator;
    private Duration readTimeLimit = READ_TIME_LIMIT;
    private String userAgent = "cvmfs-notify-client";

    NetworkBuilder() {}

    /**
     * Uses this client, which the caller keeps and closes, with its threads; WebSockets take its proxy selector, its TLS context
     * and its authenticator. Nothing else may then be set of these.
     *
     * @param client must be built with {@link HttpClient.Redirect#NEVER}
     */
    public NetworkBuilder httpClient(HttpClient client) {
        this.httpClient = client;
        return this;
    }

    /** Which HTTP proxy to use for which server; {@link HttpClient.Builder#NO_PROXY} for none. */
    public NetworkBuilder proxy(ProxySelector selector) {
        this.proxy = selector;
        return this;
    }

    /** What proves a server's identity, and ours to it. Host names are always checked. */
    public NetworkBuilder tls(SSLContext context) {
        this.tls = context;
        return this;
    }

    /** Knows the user and password of the HTTP proxy. */
    public NetworkBuilder proxyAuthenticator(Authenticator authenticator) {
        this.proxyAuthenticator = authenticator;
        return this;
    }

    /** How long reading one file of a repository may take, retry included; 60 s unless set. */
    public NetworkBuilder readTimeLimit(Duration limit) {
        this.readTimeLimit = limit;
        return this;
    }

    /** How this program names itself to servers; {@code cvmfs-notify-client} unless set. */
    public NetworkBuilder userAgent(String name) {
        this.userAgent = name;
        return this;
    }

    /**
     * Begins: threads start when they are needed.
     *
     * @throws InvalidInputException if the settings contradict each other or are out of range; the message says which
     */
    public Network build() {
        if (httpClient != null && (proxy != null || tls != null || proxyAuthenticator != null)) {
            throw new InvalidInputException(
                    "proxy, TLS and authenticator belong to the HTTP client that was handed in; set them there");
        }
        if (readTimeLimit.isZero() || readTimeLimit.isNegative()) {
            throw new InvalidInputException("the read time limit is %s, it must be above 0".formatted(readTimeLimit));
        }
        if (userAgent.startsWith("cvmfs/") || !userAgent.matches("[\\x21-\\x7e][\\x20-\\x7e]*")) {
            throw new InvalidInputException(
                    "the user agent must be printable ASCII and not begin with cvmfs/, the name of the C++ client");
        }
        return new Network(this);
    }

    /** The client handed in, or a new one with these threads. */
    HttpClient httpClient(Executor threads) {
        if (httpClient != null) {
            return httpClient;
        }
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_TIME_LIMIT)
                .executor(threads)
                .proxy(proxy == null ? ProxySelector.getDefault() : proxy);
        if (tls != null) {
            builder.sslContext(tls);
        }
        if (proxyAuthenticator != null) {
            builder.authenticator(proxyAuthenticator);
        }
        return builder.build();
    }

    Duration readTimeLimit() {
        return readTimeLimit;
    }

    String userAgent() {
        return userAgent;
    }
}
