package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Redeliveries;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestRequest;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class MetricsRouteTest {

    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final FanOut fanOut = new FanOut(
            TestConfigs.repositories(5_000),
            Duration.ofSeconds(1),
            Long.MAX_VALUE,
            Redeliveries.off(),
            Clock.fixed(NOON, ZoneOffset.UTC),
            new SimpleMeterRegistry());
    private final MetricsRoute.RepositoryMeters meters = new MetricsRoute.RepositoryMeters(fanOut, registry);
    private long offset;

    @Test
    void whatOthersCountIsServedWithTheJvmsMeters() {
        try (MetricsRoute metrics = new MetricsRoute(Runnable::run)) {
            metrics.registry().counter("cvmfs_notify_things_total").increment(3);

            Response response = metrics.get(TestRequest.get("/metrics"));

            assertThat(response.status()).isEqualTo(200);
            assertThat(response.contentType()).startsWith("text/plain; version=0.0.4");
            assertThat(response.body())
                    .contains("cvmfs_notify_things_total 3.0\n", "jvm_memory_used_bytes", "process_uptime_seconds");
        }
    }

    @Test
    void itServesItsOwnPathOnly() {
        try (MetricsRoute metrics = new MetricsRoute(Runnable::run)) {
            assertThat(metrics.serves("/metrics")).isTrue();
            assertThat(metrics.serves("/metrics/x")).isFalse();
        }
    }

    @Test
    void eachRepositoryTellsItsRevisionAndItsTime() {
        announce("a.example.org", 41);
        announce("a.example.org", 42);
        meters.refresh();

        assertThat(gauge("cvmfs_notify_repository_revision", "a.example.org")).isEqualTo(42);
        assertThat(gauge("cvmfs_notify_repository_last_announcement_timestamp_seconds", "a.example.org"))
                .isEqualTo((double) NOON.getEpochSecond());
        assertThat(gauge("cvmfs_notify_repository_propagation_seconds", "a.example.org"))
                .isNaN();
    }

    @Test
    void theFirstThousandStayAndTheRestIsCounted() {
        for (int i = 0; i < MetricsRoute.RepositoryMeters.LIMIT; i++) {
            announce("m%04d.example.org".formatted(i), 1);
        }
        meters.refresh();
        announce("a.example.org", 1);
        announce("z.example.org", 1);

        meters.refresh();

        assertThat(registry.find("cvmfs_notify_repository_revision").gauges())
                .hasSize(MetricsRoute.RepositoryMeters.LIMIT);
        assertThat(registry.find("cvmfs_notify_repository_revision")
                        .tag("repository", "a.example.org")
                        .gauge())
                .isNull();
        assertThat(registry.get("cvmfs_notify_repositories_unlisted").gauge().value())
                .isEqualTo(2);
        assertThat(gauge("cvmfs_notify_repository_revision", "m0999.example.org"))
                .isEqualTo(1);
    }

    private void announce(String repository, long revision) {
        fanOut.delivered(
                new Announcement(Activities.message(repository, revision), new LogPosition("epoch1", ++offset), NOON));
    }

    private double gauge(String name, String repository) {
        return registry.get(name).tag("repository", repository).gauge().value();
    }
}
