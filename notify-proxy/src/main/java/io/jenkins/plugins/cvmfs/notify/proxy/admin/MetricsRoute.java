package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.http.BlockingRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.http.EndpointReply;
import io.jenkins.plugins.cvmfs.notify.proxy.http.EndpointRequest;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/** {@code /metrics} in Prometheus' text format: the proxy's own meters and those of the JVM. */
public final class MetricsRoute implements BlockingRoute, AutoCloseable {

    private static final String PATH = "/metrics";
    private static final String TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

    private static final Duration FRESH = Duration.ofSeconds(1);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
    private Optional<RepositoryMeters> repositories = Optional.empty();

    /** A registry of its own, so that several proxies in one JVM do not mix. */
    public MetricsRoute() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
    }

    /** Shows what the log can do. */
    public void watch(ActivityLog log) {
        gauge(
                "cvmfs_notify_ready",
                "1 if announcements can be published and reach this proxy, else 0",
                log,
                LogState::isReady);
        gauge(
                "cvmfs_notify_log_can_append",
                "1 if a publish has a chance to succeed, else 0",
                log,
                LogState::canAppend);
        gauge(
                "cvmfs_notify_log_tailing",
                "1 if announcements of all proxies reach this one and missed ones have been caught up, else 0",
                log,
                LogState::isTailing);
    }

    private void gauge(String name, String description, ActivityLog log, Predicate<LogState> isSo) {
        Gauge.builder(name, log, it -> isSo.test(it.state()) ? 1 : 0)
                .description(description)
                .register(registry);
    }

    /** Shows each repository, up to a number. */
    public void watch(FanOut fanOut) {
        repositories = Optional.of(new RepositoryMeters(fanOut, registry));
    }

    /** Where the other parts register what they count. */
    public MeterRegistry registry() {
        return registry;
    }

    @Override
    public boolean serves(String path) {
        return path.equals(PATH);
    }

    /** A scrape of many repositories is work; those who look more often learn nothing more. */
    @Override
    public Duration sharedFor() {
        return FRESH;
    }

    @Override
    public EndpointReply get(EndpointRequest request) {
        repositories.ifPresent(RepositoryMeters::refresh);
        return new EndpointReply(200, TEXT_FORMAT, registry.scrape());
    }

    /** Stops listening to the garbage collector. Closing twice is fine. */
    @Override
    public void close() {
        garbageCollection.close();
        registry.close();
    }
}
