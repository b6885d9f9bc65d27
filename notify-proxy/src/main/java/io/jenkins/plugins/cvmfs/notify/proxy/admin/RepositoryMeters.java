package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Dispatch;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.RepositoryState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Meters with a repository's name as their label, for those that have been announced. There may be {@value #LIMIT}: the first that
 * this proxy knows stay, so that a repository never disappears because others are busier, and the rest is counted. Read and refreshed on the
 * endpoints' thread.
 */
final class RepositoryMeters {

    static final int LIMIT = 1000;

    private final FanOut fanOut;
    private final Set<String> listed = new HashSet<>();
    private final MultiGauge announced;
    private final MultiGauge revision;
    private final MultiGauge subscribers;
    private final MultiGauge propagation;
    private int unlisted;

    RepositoryMeters(FanOut fanOut, MeterRegistry meters) {
        this.fanOut = fanOut;
        announced = gauge(
                meters,
                "last_announcement_timestamp_seconds",
                "When the repository's last announcement was accepted, in seconds since 1970");
        revision = gauge(meters, "revision", "The last announced revision; above 2^53 not exact");
        subscribers = gauge(meters, "subscribers", "Connections subscribed to the repository");
        propagation = gauge(
                meters,
                "propagation_seconds",
                "From the last announcement's acceptance to the write to the last subscriber; not a number if there was none");
        Gauge.builder("cvmfs_notify_repositories_unlisted", this, it -> it.unlisted)
                .description(
                        "Announced repositories without metrics of their own, because there are as many as allowed")
                .register(meters);
    }

    private static MultiGauge gauge(MeterRegistry meters, String name, String description) {
        return MultiGauge.builder("cvmfs_notify_repository_" + name)
                .description(description)
                .register(meters);
    }

    /** To be called before the meters are read. */
    void refresh() {
        List<RepositoryState> known = fanOut.repositories().stream()
                .filter(state -> state.last().isPresent())
                .toList();
        List<RepositoryState> shown = known.stream().filter(this::isListed).toList();
        unlisted = known.size() - shown.size();
        register(announced, shown, RepositoryMeters::announcedAt);
        register(revision, shown, RepositoryMeters::revision);
        register(subscribers, shown, RepositoryState::subscribers);
        register(propagation, shown, RepositoryMeters::propagation);
    }

    private boolean isListed(RepositoryState state) {
        String name = state.repository().value();
        return listed.contains(name) || (listed.size() < LIMIT && listed.add(name));
    }

    private static void register(
            MultiGauge gauge, List<RepositoryState> shown, ToDoubleFunction<RepositoryState> value) {
        gauge.register(
                shown.stream()
                        .map(state ->
                                Row.of(Tags.of("repository", state.repository().value()), value.applyAsDouble(state)))
                        .collect(Collectors.<Row<?>>toList()),
                true);
    }

    private static double announcedAt(RepositoryState state) {
        return last(state).announcement().announcedAt().toEpochMilli() / 1e3;
    }

    private static double revision(RepositoryState state) {
        return Double.parseDouble(
                last(state).announcement().message().manifest().revision().toString());
    }

    private static double propagation(RepositoryState state) {
        return last(state).isHistory()
                ? Double.NaN
                : last(state).propagation().map(time -> time.toNanos() / 1e9).orElse(Double.NaN);
    }

    private static Dispatch last(RepositoryState state) {
        return state.last().orElseThrow();
    }
}
