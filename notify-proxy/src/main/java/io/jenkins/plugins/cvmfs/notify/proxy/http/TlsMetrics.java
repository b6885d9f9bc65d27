package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.proxy.tls.ReloadableTlsContext;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** What is counted of TLS. From any thread. */
final class TlsMetrics {

    private final Counter handshakesFailed;
    private final Counter reloaded;
    private final Counter reloadsFailed;

    TlsMetrics(MeterRegistry meters, ReloadableTlsContext context) {
        handshakesFailed = Counter.builder("cvmfs_notify_tls_handshakes_failed")
                .description("TLS handshakes that failed or took too long")
                .register(meters);
        reloaded = reloads(meters, "in_use");
        reloadsFailed = reloads(meters, "failed");
        Gauge.builder(
                        "cvmfs_notify_tls_certificate_expiry_timestamp_seconds",
                        context,
                        it -> it.certificate().getNotAfter().toInstant().getEpochSecond())
                .description("When the certificate in use expires, in seconds since 1970")
                .register(meters);
    }

    private static Counter reloads(MeterRegistry meters, String outcome) {
        return Counter.builder("cvmfs_notify_tls_reloads")
                .description("Changes of the certificate's files, by what became of them")
                .tag("outcome", outcome)
                .register(meters);
    }

    void handshakeFailed() {
        handshakesFailed.increment();
    }

    void reloaded() {
        reloaded.increment();
    }

    void reloadFailed() {
        reloadsFailed.increment();
    }
}
