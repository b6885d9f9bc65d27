package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Dispatch;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.RepositoryState;
import io.jenkins.plugins.cvmfs.notify.proxy.http.BlockingRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.SharedResponse;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * {@code /metrics} in Prometheus' text format: the proxy's own meters and those of the JVM. A scrape of many repositories is work, so one
 * response serves everyone for a second.
 */
public final class MetricsRoute extends BlockingRoute implements AutoCloseable {

    private static final String PATH = "/metrics";
    private static final String TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

    private static final Duration SHARED_FOR = Duration.ofSeconds(1);

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
    private Optional<RepositoryMeters> repositories = Optional.empty();

    /**
     * Creates a registry of its own, so that several proxies in one JVM do not mix.
     *
     * @param executor see {@link BlockingRoute}
     */
    public MetricsRoute(Executor executor) {
        super(PATH, executor, new SharedResponse(SHARED_FOR, System::nanoTime));
        Gauge.builder("cvmfs_notify_build", () -> 1)
                .description("Always 1; the labels name the program that runs")
                .tags("version", BuildInfo.version(), "commit", BuildInfo.commit())
                .register(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
    }

    /** Shows the state of the log. */
    public void watch(ActivityLog log) {
        gauge(
                "cvmfs_notify_ready",
                "1 if announcements can be published and reach this proxy, else 0",
                log,
                LogState::isReady);
        gauge("cvmfs_notify_log_can_append", "1 if a publish can succeed, else 0", log, LogState::canAppend);
        gauge(
                "cvmfs_notify_log_tailing",
                "1 if announcements of all proxies reach this one and missed ones are caught up, else 0",
                log,
                LogState::isTailing);
    }

    private void gauge(String name, String description, ActivityLog log, Predicate<LogState> isSo) {
        Gauge.builder(name, log, it -> isSo.test(it.state()) ? 1 : 0)
                .description(description)
                .register(registry);
    }

    /** Shows each repository, up to a limit. */
    public void watch(FanOut fanOut) {
        repositories = Optional.of(new RepositoryMeters(fanOut, registry));
    }

    /** Returns where all other parts register their meters. */
    public MeterRegistry registry() {
        return registry;
    }

    @Override
    protected Response get(Request request) {
        repositories.ifPresent(RepositoryMeters::refresh);
        return new Response(200, TEXT_FORMAT, registry.scrape());
    }

    /** Stops listening to the garbage collector. Closing twice is fine. */
    @Override
    public void close() {
        garbageCollection.close();
        registry.close();
    }

    /**
     * Meters with the repository as their label, for announced repositories. The first {@value #LIMIT} that this proxy knows stay, so that
     * none disappears because others are busier; the rest is counted. Confined to the executor.
     */
    static final class RepositoryMeters {

        static final int LIMIT = 1000;

        private final FanOut fanOut;
        private final Map<MultiGauge, ToDoubleFunction<RepositoryState>> gauges = new HashMap<>();
        private final Set<String> listed = new HashSet<>();
        private int unlisted;

        RepositoryMeters(FanOut fanOut, MeterRegistry meters) {
            this.fanOut = fanOut;
            add(
                    meters,
                    "last_announcement_timestamp_seconds",
                    "When the repository's last announcement was accepted, in seconds since 1970",
                    state -> last(state).announcement().announcedAt().toEpochMilli() / 1e3);
            add(
                    meters,
                    "revision",
                    "The last announced revision; above 2^53 not exact",
                    state -> Double.parseDouble(
                            last(state).announcement().message().revision().toString()));
            add(meters, "subscribers", "Connections subscribed to the repository", RepositoryState::subscribers);
            add(
                    meters,
                    "propagation_seconds",
                    "Time from the last announcement's acceptance to the write to the last subscriber; NaN if there was none",
                    RepositoryMeters::propagation);
            Gauge.builder("cvmfs_notify_repositories_unlisted", this, it -> it.unlisted)
                    .description(
                            "Announced repositories without metrics of their own, because there are as many as allowed")
                    .register(meters);
        }

        private void add(
                MeterRegistry meters, String name, String description, ToDoubleFunction<RepositoryState> value) {
            gauges.put(
                    MultiGauge.builder("cvmfs_notify_repository_" + name)
                            .description(description)
                            .register(meters),
                    value);
        }

        /** Called before the meters are read. */
        void refresh() {
            List<RepositoryState> known = fanOut.repositories().stream()
                    .filter(state -> state.last().isPresent())
                    .toList();
            List<RepositoryState> shown = known.stream().filter(this::isListed).toList();
            unlisted = known.size() - shown.size();
            gauges.forEach((gauge, value) -> gauge.register(
                    shown.stream()
                            .map(state -> Row.of(
                                    Tags.of("repository", state.repository().value()), value.applyAsDouble(state)))
                            .collect(Collectors.<Row<?>>toList()),
                    true));
        }

        private boolean isListed(RepositoryState state) {
            String name = state.repository().value();
            return listed.contains(name) || (listed.size() < LIMIT && listed.add(name));
        }

        private static double propagation(RepositoryState state) {
            return last(state).isHistory()
                    ? Double.NaN
                    : last(state)
                            .propagation()
                            .map(time -> time.toNanos() / 1e9)
                            .orElse(Double.NaN);
        }

        private static Dispatch last(RepositoryState state) {
            return state.last().orElseThrow();
        }
    }
}
