package io.jenkins.plugins.cvmfs.notify.proxy.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.NotifyProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchedReplicas;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.Accesses;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What three proxies have to tell after some work: one in standalone mode, and two whose broker or upstream cannot be reached. */
final class MonitoredProxies {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String REPOSITORY = "test.example.org";

    private static final WatchConfig WATCH = new WatchConfig(
            true,
            Duration.ofMinutes(1),
            10,
            List.of(new WatchedReplicas(new RepositoryPattern("*"), List.of("/no/such/folder/of/@fqrn@"))));

    private static final WebhookConfig NOWHERE = new WebhookConfig(
            "nowhere",
            URI.create("http://no-such-host.invalid/"),
            WebhookConfig.Event.ANNOUNCED,
            Optional.empty(),
            List.of(new RepositoryPattern("*")),
            List.of(),
            Optional.empty(),
            WebhookConfig.Body.GITHUB,
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            false);

    private MonitoredProxies() {}

    /** The text that Prometheus would read from all. */
    static String scrape() throws IOException, InterruptedException {
        return standalone()
                + unreachable(Map.of(
                        "CVMFS_NOTIFY_AMQP_URL", "no-such-host.invalid",
                        "CVMFS_NOTIFY_AMQP_CONFIRM_TIMEOUT", "100ms"))
                + unreachable(Map.of(
                        "CVMFS_NOTIFY_UPSTREAM_URL", "http://no-such-host.invalid:4930/api/v1",
                        "CVMFS_NOTIFY_UPSTREAM_PUBLISH_TIMEOUT", "100ms"));
    }

    private static String standalone() throws IOException, InterruptedException {
        try (NotifyProxy proxy = new NotifyProxy(
                Accesses.open(TestConfigs.with(
                        TestConfigs.with(TestConfigs.standalone(0), WATCH), TestConfigs.delivery(NOWHERE))),
                Clock.systemUTC())) {
            proxy.start();
            HttpRequest subscribe =
                    request(proxy, "/api/v1/subscribe?repository=" + REPOSITORY).build();
            try (InputStream subscriber =
                    HTTP.send(subscribe, BodyHandlers.ofInputStream()).body()) {
                assertThat(status(publish(proxy))).isEqualTo(200);
                assertThat(subscriber.readNBytes(100)).hasSize(100);
            }
            return HTTP.send(request(proxy, "/metrics").build(), BodyHandlers.ofString())
                    .body();
        }
    }

    private static String unreachable(Map<String, String> log) throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>(log);
        environment.put("CVMFS_NOTIFY_BIND", "127.0.0.1");
        environment.put("CVMFS_NOTIFY_PORT", "0");
        ProxyConfig config = ConfigLoader.load(new ConfigSources(Optional.empty(), environment, List.of()))
                .config();
        try (NotifyProxy proxy = new NotifyProxy(Accesses.open(config), Clock.systemUTC())) {
            proxy.start();
            assertThat(status(publish(proxy))).isEqualTo(503);
            return HTTP.send(request(proxy, "/metrics").build(), BodyHandlers.ofString())
                    .body();
        }
    }

    private static HttpRequest.Builder request(NotifyProxy proxy, String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:%d%s".formatted(proxy.address().getPort(), path)));
    }

    private static HttpRequest publish(NotifyProxy proxy) {
        return request(proxy, "/api/v1/publish")
                .POST(BodyPublishers.ofByteArray(
                        Activities.message(REPOSITORY, 1).raw()))
                .build();
    }

    private static int status(HttpRequest request) throws IOException, InterruptedException {
        return HTTP.send(request, BodyHandlers.discarding()).statusCode();
    }
}
