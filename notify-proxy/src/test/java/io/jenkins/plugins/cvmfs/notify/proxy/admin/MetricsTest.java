package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.frontend.EndpointReply;
import io.jenkins.plugins.cvmfs.notify.proxy.frontend.EndpointRequest;
import org.junit.jupiter.api.Test;

class MetricsTest {

    @Test
    void whatOthersCountIsServedWithTheJvmsMeters() {
        try (Metrics metrics = new Metrics()) {
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
        try (Metrics metrics = new Metrics()) {
            assertThat(metrics.serves("/metrics")).isTrue();
            assertThat(metrics.serves("/metrics/x")).isFalse();
        }
    }
}
