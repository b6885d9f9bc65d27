package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.http.EndpointReply;
import io.jenkins.plugins.cvmfs.notify.proxy.http.EndpointRequest;
import org.junit.jupiter.api.Test;

class MetricsRouteTest {

    @Test
    void whatOthersCountIsServedWithTheJvmsMeters() {
        try (MetricsRoute metrics = new MetricsRoute()) {
            metrics.registry().counter("cvmfs_notify_things_total").increment(3);

            EndpointReply reply = metrics.get(EndpointRequest.of("/metrics"));

            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.contentType()).startsWith("text/plain; version=0.0.4");
            assertThat(reply.body())
                    .contains("cvmfs_notify_things_total 3.0\n", "jvm_memory_used_bytes", "process_uptime_seconds");
        }
    }

    @Test
    void itServesItsOwnPathOnly() {
        try (MetricsRoute metrics = new MetricsRoute()) {
            assertThat(metrics.serves("/metrics")).isTrue();
            assertThat(metrics.serves("/metrics/x")).isFalse();
        }
    }
}
