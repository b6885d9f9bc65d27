package io.jenkins.plugins.cvmfs.notify.proxy.api;

import io.jenkins.plugins.cvmfs.notify.proxy.FreePort;
import io.jenkins.plugins.cvmfs.notify.proxy.NotifyProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.access.TestIssuer;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousSubscribe;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Grants;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.IdentityConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.TokenConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchedReplicas;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** A proxy with tight limits, so that all its answers can be had, and a client without opinions. */
final class DescribedProxy implements AutoCloseable {

    /** A token that may be sent in a path. */
    static final TokenHash.Minted HOOK = TokenHash.mint();

    /** The folder with the repositories of {@code example.org}, for a refresh. */
    static final Path STRATUM_0 = Path.of("target/described-stratum0").toAbsolutePath();

    /** Port 1, which refuses connections. */
    static final String UNREACHABLE_ISSUER = "http://127.0.0.1:1";

    private final HttpClient http = HttpClient.newHttpClient();
    private final NotifyProxy proxy;

    private DescribedProxy(Map<String, String> environment, UnaryOperator<ProxyConfig> change) throws IOException {
        Map<String, String> all = new HashMap<>(Map.of(
                "CVMFS_NOTIFY_BIND", "127.0.0.1",
                "CVMFS_NOTIFY_PORT", "0",
                "CVMFS_NOTIFY_ACCESS_ANONYMOUS_PUBLISH", "everyone",
                "CVMFS_NOTIFY_LIMITS_MAX_REPOSITORIES", "3",
                "CVMFS_NOTIFY_LIMITS_MAX_MESSAGE_BYTES", "1KiB",
                "CVMFS_NOTIFY_LIMITS_MAX_SUBSCRIPTIONS_PER_CONNECTION", "2"));
        all.putAll(environment);
        ProxyConfig config = ConfigLoader.load(new ConfigSources(Optional.empty(), all, List.of()))
                .config();
        proxy = new NotifyProxy(change.apply(config), Clock.systemUTC());
        proxy.start();
    }

    static DescribedProxy standalone() throws IOException {
        WatchedReplicas nothing = new WatchedReplicas(new RepositoryPattern("*"), List.of("/no/such/folder/of/@fqrn@"));
        return new DescribedProxy(
                Map.of("CVMFS_NOTIFY_STANDALONE", "true"),
                config ->
                        TestConfigs.with(config, new WatchConfig(true, Duration.ofSeconds(10), 100, List.of(nothing))));
    }

    /** Only the bearer of the token may do something, and that only with a repository that nobody asks for. */
    static DescribedProxy guarded(TokenHash token) throws IOException {
        return new DescribedProxy(
                Map.of("CVMFS_NOTIFY_STANDALONE", "true", "CVMFS_NOTIFY_PAGE_ACCESS", "token"),
                config -> config.withAccess(access(config, AnonymousPublish.NOBODY, AnonymousSubscribe.NOBODY, token)));
    }

    private static AccessConfig access(
            ProxyConfig config, AnonymousPublish publish, AnonymousSubscribe subscribe, TokenHash token) {
        List<RepositoryPattern> other = List.of(new RepositoryPattern("other.example.org"));
        return new AccessConfig(
                publish,
                subscribe,
                List.of(
                        new TokenConfig(
                                "tester",
                                token,
                                new Grants(
                                        other,
                                        other,
                                        other,
                                        List.of(
                                                new RepositoryPattern("*.example.org"),
                                                new RepositoryPattern("unknown.example.com")))),
                        new TokenConfig(
                                "hook",
                                HOOK.hash(),
                                new Grants(List.of(), List.of(), List.of(), List.of(new RepositoryPattern("*"))))),
                List.of(),
                List.of(),
                List.of(),
                List.of(new IdentityConfig(
                        "unreachable",
                        URI.create(UNREACHABLE_ISSUER),
                        List.of(TestIssuer.AUDIENCE),
                        Map.of("ref", List.of("refs/heads/main")),
                        Optional.empty(),
                        new Grants(other, List.of()))),
                List.of(new RepositoryConfig(
                        new RepositoryPattern("*.example.org"),
                        RepositoryConfig.Verify.OFF,
                        STRATUM_0 + "/" + RepositoryConfig.PLACEHOLDER,
                        List.of(),
                        false,
                        Optional.empty())),
                config.access().trust(),
                Optional.empty());
    }

    /** Takes ten publishes, then one in each second. */
    static DescribedProxy hurried() throws IOException {
        return new DescribedProxy(
                Map.of(
                        "CVMFS_NOTIFY_STANDALONE", "true",
                        "CVMFS_NOTIFY_LIMITS_PUBLISHES_PER_SECOND_PER_PUBLISHER", "1"),
                UnaryOperator.identity());
    }

    /** Everyone may publish and subscribe, and the bearer of the token may forget. */
    static DescribedProxy withoutBroker(TokenHash token) throws IOException {
        return new DescribedProxy(
                Map.of("CVMFS_NOTIFY_AMQP_URL", "no-such-host.invalid", "CVMFS_NOTIFY_AMQP_CONFIRM_TIMEOUT", "100ms"),
                config -> config.withAccess(
                        access(config, AnonymousPublish.EVERYONE, AnonymousSubscribe.EVERYONE, token)));
    }

    static DescribedProxy relayOfItself() throws IOException {
        String port = String.valueOf(FreePort.find());
        return new DescribedProxy(
                Map.of("CVMFS_NOTIFY_UPSTREAM_URL", "http://127.0.0.1:" + port, "CVMFS_NOTIFY_PORT", port),
                UnaryOperator.identity());
    }

    String address() {
        return "127.0.0.1:" + proxy.address().getPort();
    }

    /** @param headers name, value, and so on */
    HttpResponse<InputStream> send(String method, String pathAndQuery, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://" + address() + pathAndQuery))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofInputStream());
    }

    HttpClient http() {
        return http;
    }

    @Override
    public void close() {
        proxy.close();
    }
}
