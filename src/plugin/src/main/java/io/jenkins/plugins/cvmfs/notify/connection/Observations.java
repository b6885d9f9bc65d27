package io.jenkins.plugins.cvmfs.notify.connection;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport.ReplicaReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot.LatestAnnouncement;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState;
import io.jenkins.plugins.cvmfs.notify.client.gate.ServerLink;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.waiting.ProgressListener;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The troubles with servers and replicas that waits and announcements meet, for the administrative monitor, which so needs no
 * connection of its own. One is forgotten when it is seen healed, or when nothing was heard of it for a day. Thread-safe; nothing blocks.
 */
public final class Observations {

    /** A server that restarts is no trouble; announcements try for five minutes. */
    private static final Duration LONG_UNREACHABLE = Duration.ofMinutes(4);

    private static final Duration LONG_LAG = Duration.ofMinutes(30);
    private static final Duration FORGOTTEN = Duration.ofDays(1);

    /** Of more, the oldest are dropped. */
    private static final int MAX_TROUBLES = 1000;

    /** The subject of a trouble. */
    public sealed interface Subject {

        /** A server that cannot be reached. */
        record Unreachable(ServerSettings server) implements Subject {}

        /** A server that refuses the subscription to a repository. */
        record RefusedSubscription(ServerSettings server, RepositoryName repository) implements Subject {}

        /** A replica that does not have a revision that is published. */
        record LaggingReplica(RepositoryName repository, Replica replica) implements Subject {}
    }

    /**
     * A trouble that lasts.
     *
     * @param text one phrase
     * @param age how long it lasted when it was last looked at, which is now as long as a wait runs
     */
    public record Trouble(Subject subject, String text, Duration age) {}

    /** @param wanted the revision that a replica lacks; null for a server */
    private record Seen(
            String text,
            Instant since,
            Instant last,
            @Nullable Revision wanted) {}

    private final Clock clock;
    private final Map<Subject, Seen> troubles = new LinkedHashMap<>();
    private final Set<Observed> open = new LinkedHashSet<>();
    private final Map<ServerSettings, Integer> users = new HashMap<>();

    Observations(Clock clock) {
        this.clock = clock;
    }

    /** Returns the troubles that have lasted long enough to be one, the oldest first. */
    public synchronized List<Trouble> troubles() {
        open.forEach(Observed::lookAtReplicas);
        Instant now = clock.instant();
        return troubles.entrySet().stream()
                .filter(each -> isKept(each.getKey(), each.getValue(), now))
                .map(each -> new Trouble(
                        each.getKey(),
                        each.getValue().text(),
                        Duration.between(each.getValue().since(), end(each.getKey(), each.getValue(), now))))
                .filter(trouble -> trouble.age().compareTo(limit(trouble.subject())) >= 0)
                .toList();
    }

    /** A trouble with a server lasts as long as a wait needs it, without a further event. */
    private boolean isKept(Subject subject, Seen seen, Instant now) {
        return isInUse(subject) || seen.last().plus(FORGOTTEN).isAfter(now);
    }

    private boolean isInUse(Subject subject) {
        return subject instanceof Subject.Unreachable unreachable && users.containsKey(unreachable.server());
    }

    private Instant end(Subject subject, Seen seen, Instant now) {
        return isInUse(subject) ? now : seen.last();
    }

    private static Duration limit(Subject subject) {
        if (subject instanceof Subject.Unreachable) {
            return LONG_UNREACHABLE;
        }
        return subject instanceof Subject.LaggingReplica ? LONG_LAG : Duration.ZERO;
    }

    /** Forgets everything but what the running waits meet now, because the configuration has changed. */
    public synchronized void forget() {
        troubles.clear();
        List.copyOf(open).forEach(Observed::look);
    }

    /** Observes a wait that is about to begin: {@link Observed#begin} follows, unless it fails to. */
    Observed observe(Optional<ServerSettings> server, ProgressListener listener) {
        return new Observed(server.orElse(null), listener);
    }

    /** Notes that an announcement did not reach the server, or did. */
    synchronized void announced(ServerSettings server, @Nullable String problem) {
        Subject subject = new Subject.Unreachable(server);
        if (problem == null) {
            troubles.remove(subject);
        } else {
            put(subject, problem, clock.instant(), null);
        }
    }

    private void put(Subject subject, String text, Instant since, @Nullable Revision wanted) {
        Seen known = troubles.get(subject);
        troubles.put(subject, new Seen(text, known == null ? since : known.since(), clock.instant(), wanted));
        if (troubles.size() > MAX_TROUBLES) {
            troubles.remove(troubles.keySet().iterator().next());
        }
    }

    private void look(@Nullable ServerSettings server, ServerLink link, GateReport report) {
        if (server != null) {
            lookAtServer(server, link, report.condition().repository());
        }
        lookAtReplicas(report);
    }

    private void lookAtServer(ServerSettings server, ServerLink link, RepositoryName repository) {
        Subject unreachable = new Subject.Unreachable(server);
        Subject refused = new Subject.RefusedSubscription(server, repository);
        switch (link.state()) {
            case CONNECTED -> {
                troubles.remove(unreachable);
                troubles.remove(refused);
            }
            case LOST -> put(unreachable, String.valueOf(link.problem()), clock.instant(), null);
            case REFUSED -> {
                troubles.remove(unreachable);
                put(refused, String.valueOf(link.problem()), clock.instant(), null);
            }
            case NONE, CONNECTING -> {
                // Says nothing yet.
            }
        }
    }

    private void lookAtReplicas(GateReport report) {
        if (report.condition().group() != null) {
            return;
        }
        Optional<Instant> readableSince = Stream.concat(
                        Stream.ofNullable(report.announced()).map(LatestAnnouncement::at),
                        report.replicas().stream()
                                .map(ReplicaReport::state)
                                .filter(ReplicaState::counts)
                                .flatMap(state -> Stream.ofNullable(state.availableAt())))
                .min(Instant::compareTo);
        LatestAnnouncement announced = report.announced();
        Revision wanted = announced != null
                ? announced.manifest().revision()
                : report.readable().map(ManifestSummary::revision).orElse(null);
        for (ReplicaReport row : report.replicas()) {
            ReplicaState state = row.state();
            Subject subject = new Subject.LaggingReplica(report.condition().repository(), state.replica());
            Seen known = troubles.get(subject);
            if (!state.counts() && readableSince.isPresent()) {
                put(subject, row.summary(), readableSince.get(), wanted);
            } else if (known != null && hasCaughtUp(state, known)) {
                troubles.remove(subject);
            }
        }
    }

    private static boolean hasCaughtUp(ReplicaState state, Seen known) {
        ManifestSummary served = state.served();
        return served != null && (known.wanted() == null || served.revision().compareTo(known.wanted()) >= 0);
    }

    /** One wait: passes its progress on, and looks at it then. */
    final class Observed implements ProgressListener {

        private final @Nullable ServerSettings server;
        private final ProgressListener listener;
        private volatile @Nullable Wait wait;

        private Observed(@Nullable ServerSettings server, ProgressListener listener) {
            this.server = server;
            this.listener = listener;
        }

        Wait begin(Wait begun) {
            wait = begun;
            synchronized (Observations.this) {
                open.add(this);
                if (server != null) {
                    users.merge(server, 1, Integer::sum);
                }
            }
            var unused = begun.result().whenComplete((report, failure) -> end());
            return begun;
        }

        @Override
        public void progress(String line) {
            look();
            listener.progress(line);
        }

        private void look() {
            Wait begun = wait;
            if (begun != null) {
                GateReport report = begun.report();
                ServerLink link = begun.link();
                synchronized (Observations.this) {
                    Observations.this.look(server, link, report);
                }
            }
        }

        private void lookAtReplicas() {
            Wait begun = wait;
            if (begun != null) {
                Observations.this.lookAtReplicas(begun.report());
            }
        }

        private void end() {
            look();
            synchronized (Observations.this) {
                open.remove(this);
                if (server != null && users.merge(server, -1, Observed::sumOrNone) == null) {
                    Subject unreachable = new Subject.Unreachable(server);
                    Seen known = troubles.get(unreachable);
                    if (known != null && known.since().plus(LONG_UNREACHABLE).isAfter(clock.instant())) {
                        troubles.remove(unreachable);
                    }
                }
            }
        }

        private static @Nullable Integer sumOrNone(Integer count, Integer change) {
            int sum = count + change;
            return sum == 0 ? null : sum;
        }
    }
}
