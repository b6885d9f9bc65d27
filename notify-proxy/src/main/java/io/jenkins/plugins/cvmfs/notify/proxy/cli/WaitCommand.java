package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport.ReplicaReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot.LatestAnnouncement;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.CacheRefresher;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitService;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitSettings;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "wait",
        description = {
            "Waits until a revision of a repository can be read where it matters: on replicas, through a cache, in a mounted repository.",
            "",
            "A replica counts when it serves a manifest with the revision, and the root catalog. The notification"
                    + " server only makes this command check sooner; without one it polls."
        },
        footer = {
            "  notify-proxy wait -u http://notify.example.org:4930/api/v1 \\",
            "      --repository software.example.org --revision 42 --timeout 30m \\",
            "      --replica a=http://site-a.example.org/cvmfs/software.example.org \\",
            "      --replica b=http://site-b.example.org/cvmfs/software.example.org",
            "  notify-proxy wait --transport poll --json \\",
            "      --repository software.example.org --after 41 \\",
            "      --replica local=http://stratum1.example.org/cvmfs/software.example.org",
            "  notify-proxy wait -u http://notify.example.org:4930/api/v1 \\",
            "      --repository software.example.org --revision 42 \\",
            "      --mount /cvmfs/software.example.org --path releases/1.2.3"
        },
        exitCodeList = {
            "0:enough replicas have it; or it was withdrawn, with '--on-stale skip'",
            "1:the arguments are wrong",
            "3:timed out",
            "11:it was withdrawn, with '--on-stale fail'"
        })
final class WaitCommand extends RootCommand.Base {

    @Mixin
    private ServerOptions server = new ServerOptions();

    @Mixin
    private TargetOptions target = new TargetOptions();

    @Mixin
    private RefreshOptions refresh = new RefreshOptions();

    @Mixin
    private Output output = new Output();

    @Option(names = "--repository", paramLabel = "NAME", required = true, description = "The repository's full name.")
    @SuppressWarnings("NullAway.Init") // picocli sets it: it is required
    private RepositoryName repository;

    @Option(
            names = "--replica",
            paramLabel = "NAME=URL",
            description = {"A replica to check: any name, and the URL or folder of the repository there. Repeatable."})
    private List<Replica> replicas = new ArrayList<>();

    @Mixin
    private PlaceOptions places = new PlaceOptions();

    @Option(
            names = "--require",
            paramLabel = "HOW_MANY",
            description = "The replicas that must have it: all, majority, any or a number. Default: all.")
    private Requirement require = Requirement.ALL;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            description = "Time limit, for example 30s or 5m; 0 to check just once. Default: 30m.")
    private Duration timeout = Duration.ofMinutes(30);

    @Option(
            names = "--on-stale",
            paramLabel = "POLICY",
            description = {
                "What to do when the revision was withdrawn, that is, a replica serves a lower one that was published"
                        + " later. wait: until it is published again; skip: end with 0; fail: end with 11. Default:"
                        + " ${DEFAULT-VALUE}."
            },
            defaultValue = "wait")
    private StalePolicy onStale = StalePolicy.WAIT;

    @Option(
            names = "--transport",
            paramLabel = "HOW",
            description = {
                "How to learn of new revisions: ${COMPLETION-CANDIDATES}; poll needs no server. Default:"
                        + " ${DEFAULT-VALUE}."
            },
            defaultValue = "auto")
    private Transport transport = Transport.AUTO;

    @Override
    public Integer call() {
        Output.Format format = output.withoutEvents();
        Clock clock = Clock.systemUTC();
        List<Replica> watched = places.of(repository, replicas);
        refresh.requireUrl(watched.stream().map(WaitCommand::url).toList(), "name a replica by it");
        SubscriberSettings settings = subscriber();
        Condition condition = new Condition(
                repository,
                target.target(),
                watched,
                require,
                onStale,
                clock.instant().plus(timeout),
                null);
        int columns = ProgressDisplay.columns(environment);
        try (Network network = ServerOptions.openNetwork();
                WaitService waits = new WaitService(
                        network.repositoryReader(), network, WaitSettings.DEFAULT, clock, new SplittableRandom());
                ProgressDisplay progress = new ProgressDisplay(err(), columns)) {
            Wait waiting = waits.start(condition, settings, progress);
            GateReport report =
                    progress.await(waiting.result(), () -> waiting.report().missing());
            return report(format, report, refreshed(network, report, progress));
        }
    }

    /** Returns the URL that clients read, however the replica itself is read. */
    private static RepositoryLocation url(Replica replica) {
        return RepositoryLocation.parse(replica.location()).plain();
    }

    private static Revision newer(Revision one, Revision other) {
        return one.isNewerThan(other) ? one : other;
    }

    /** Refreshes what the caches have of every replica with the revision. */
    private List<CacheRefresher.Result> refreshed(Network network, GateReport report, ProgressDisplay progress) {
        Map<RepositoryLocation, Revision> expected = new LinkedHashMap<>();
        if (report.outcome() == GateOutcome.REACHED) {
            for (ReplicaReport replica : report.replicas()) {
                ManifestSummary served = replica.state().served();
                if (replica.state().counts() && served != null) {
                    expected.merge(url(replica.state().replica()), served.revision(), WaitCommand::newer);
                }
            }
        }
        return refresh.refresh(network, expected, progress::progress);
    }

    private @Nullable SubscriberSettings subscriber() {
        if (transport != Transport.POLL && !server.isGiven(environment)) {
            throw new InvalidInputException(
                    "no notification server: give -u URL or set %s; or wait without one with --transport poll"
                            .formatted(ServerOptions.SERVER_VARIABLE));
        }
        return transport
                .protocol()
                .map(protocol -> SubscriberSettings.of(server.server(environment))
                        .withProtocol(protocol)
                        .withToken(server.token(environment)))
                .orElse(null);
    }

    private int report(Output.Format format, GateReport report, List<CacheRefresher.Result> caches) {
        if (format == Output.Format.JSON) {
            ObjectNode result = json(report);
            refresh.put(result, caches);
            out().println(result);
        } else if (format == Output.Format.ENV) {
            out().println(Output.lines(variables(report)));
        } else if (report.outcome() == GateOutcome.REACHED) {
            out().println(sentence(report));
        }
        if (report.outcome() == GateOutcome.STALE) {
            return onStale == StalePolicy.SKIP ? ExitCode.OK : ExitCode.WITHDRAWN;
        }
        return report.outcome() == GateOutcome.REACHED ? ExitCode.OK : ExitCode.TIMED_OUT;
    }

    private String sentence(GateReport report) {
        String revision = report.readable()
                .map(readable -> readable.revision().toString())
                .orElse("?");
        return "%s revision %s can be read on %d of %d replicas"
                .formatted(
                        repository,
                        revision,
                        report.counted(),
                        report.replicas().size());
    }

    private static Map<String, String> variables(GateReport report) {
        Optional<ManifestSummary> readable =
                report.outcome() == GateOutcome.REACHED ? report.readable() : Optional.empty();
        Map<String, String> variables = Output.variables(
                report.condition().repository(),
                readable.map(ManifestSummary::revision).orElse(null),
                readable.flatMap(ManifestSummary::toldRootHash).orElse(null));
        variables.put("CVMFS_OUTCOME", Objects.requireNonNull(word(report.outcome()), "the wait has ended"));
        return variables;
    }

    private static @Nullable String word(@Nullable GateOutcome outcome) {
        return outcome == null ? null : outcome.name().toLowerCase(Locale.ROOT);
    }

    /** docs/cli.md has the fields. */
    private static ObjectNode json(GateReport report) {
        Condition condition = report.condition();
        GateOutcome outcome = report.outcome();
        ObjectNode json = Output.object()
                .put("repository", condition.repository().value())
                .put("reached", outcome == GateOutcome.REACHED)
                .put("outcome", word(outcome));
        put(json, report.readable().orElse(null));
        json.put("target", condition.target().toString())
                .put("needed", condition.needed())
                .put("counted", report.counted())
                .put("waited_ms", report.waited().toMillis())
                .put("deadline", condition.deadline().toString())
                .put("missing", report.missing());
        LatestAnnouncement latest = report.announced();
        ObjectNode announced = json.putObject("announced");
        put(announced, latest == null ? null : latest.manifest());
        put(announced, "heard_at", latest == null ? null : latest.at());
        report.replicas().forEach(replica -> json.withArray("replicas").add(json(replica)));
        return json;
    }

    private static ObjectNode json(ReplicaReport report) {
        ReplicaState state = report.state();
        ObjectNode json = Output.object()
                .put("name", state.replica().name())
                .put("url", state.replica().location())
                .put("has_it", state.counts());
        put(json, state.served());
        json.put("note", state.note());
        put(json, "seen_at", state.seenAt());
        put(json, "available_at", state.availableAt());
        put(json, "since_publication_ms", report.sincePublication());
        put(json, "since_announcement_ms", report.sinceAnnouncement());
        put(json, "last_snapshot", state.snapshotAt());
        return json.put("error", state.error()).put("summary", report.summary());
    }

    private static void put(ObjectNode json, @Nullable ManifestSummary publication) {
        ContentHash rootHash =
                publication == null ? null : publication.toldRootHash().orElse(null);
        Output.put(json, publication == null ? null : publication.revision())
                .put("root_hash", rootHash == null ? null : rootHash.toString());
        put(json, "published", publication == null ? null : publication.publishedAt());
    }

    private static void put(ObjectNode json, String key, @Nullable Instant instant) {
        json.put(key, instant == null ? null : instant.toString());
    }

    private static void put(ObjectNode json, String key, @Nullable Duration span) {
        json.put(key, span == null ? null : span.toMillis());
    }

    /** The target that must be readable before {@code wait} ends. */
    static final class TargetOptions {

        @Option(names = "--revision", paramLabel = "N", description = "Wait for revision N or a newer one.")
        private @Nullable Revision revision;

        @Option(names = "--after", paramLabel = "N", description = "Wait for any revision newer than N.")
        private @Nullable Revision after;

        @Option(
                names = "--root-hash",
                paramLabel = "HASH",
                description = {
                    "Wait for the revision whose root catalog has this hash. Give its --revision too if you know it:"
                            + " then replicas with newer revisions count as well."
                })
        private @Nullable ContentHash rootHash;

        /** @throws InvalidInputException if the options name none or several */
        Target target() {
            if (rootHash != null && after == null) {
                return new Target.RootHash(rootHash, revision);
            }
            if (revision != null && after == null) {
                return new Target.AtLeast(revision);
            }
            if (after != null && revision == null && rootHash == null) {
                return new Target.NewerThan(after);
            }
            throw new InvalidInputException(
                    "give the target: --revision, --after or --root-hash (with or without --revision)");
        }
    }

    /** How {@code wait} learns of new revisions. */
    enum Transport {
        AUTO(SubscriberSettings.Protocol.AUTO),
        WEBSOCKET(SubscriberSettings.Protocol.WEBSOCKET),
        SSE(SubscriberSettings.Protocol.EVENT_STREAM),
        /** Without the server: it only reads the replicas. */
        POLL(null);

        private final SubscriberSettings.@Nullable Protocol protocol;

        Transport(SubscriberSettings.@Nullable Protocol protocol) {
            this.protocol = protocol;
        }

        /** Returns the protocol to use with the server; empty for {@link #POLL}. */
        Optional<SubscriberSettings.Protocol> protocol() {
            return Optional.ofNullable(protocol);
        }

        /** Returns the word on the command line. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
