package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The meters of verification; every label has few fixed values. */
final class VerificationMetrics {

    private final Timer trusted;
    private final Timer rejected;
    private final Timer unknown;
    private final Map<Verdict.Reason, Counter> rejections = new EnumMap<>(Verdict.Reason.class);
    private final Counter fetched;
    private final Counter fetchesFailed;

    VerificationMetrics(MeterRegistry meters, FetchSlots slots) {
        trusted = verifications(meters, "trusted");
        rejected = verifications(meters, "rejected");
        unknown = verifications(meters, "unknown");
        for (Verdict.Reason reason : Verdict.Reason.values()) {
            rejections.put(
                    reason,
                    Counter.builder("cvmfs_notify_verification_rejections")
                            .description("Manifests rejected by verification, by the first check that failed")
                            .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                            .register(meters));
        }
        fetched = fetches(meters, "ok");
        fetchesFailed = fetches(meters, "failed");
        Gauge.builder("cvmfs_notify_trust_fetches_waiting", slots, FetchSlots::waiting)
                .description("Whitelists and certificates waiting to be fetched")
                .register(meters);
    }

    private static Timer verifications(MeterRegistry meters, String result) {
        return Timer.builder("cvmfs_notify_verification")
                .description("Time to verify a published manifest, including fetches")
                .tag("result", result)
                .serviceLevelObjectives(
                        Duration.ofMillis(1),
                        Duration.ofMillis(10),
                        Duration.ofMillis(100),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(10))
                .register(meters);
    }

    private static Counter fetches(MeterRegistry meters, String result) {
        return Counter.builder("cvmfs_notify_trust_fetches")
                .description("Whitelists and certificates fetched from stratum 0 servers")
                .tag("result", result)
                .register(meters);
    }

    void ended(VerificationResult finding, long tookNanos) {
        if (finding instanceof VerificationResult.Trusted) {
            trusted.record(tookNanos, TimeUnit.NANOSECONDS);
        } else if (finding instanceof VerificationResult.Rejected no) {
            rejected.record(tookNanos, TimeUnit.NANOSECONDS);
            Objects.requireNonNull(rejections.get(no.reason())).increment();
        } else if (finding instanceof VerificationResult.Unknown) {
            unknown.record(tookNanos, TimeUnit.NANOSECONDS);
        }
    }

    void fetched(@Nullable Throwable failure) {
        (failure == null ? fetched : fetchesFailed).increment();
    }
}
