package io.jenkins.plugins.cvmfs.notify.client.gate;

import static io.jenkins.plugins.cvmfs.notify.client.gate.ScriptedGate.START;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.Question;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Plays gates against a world of replicas that publish, lag, go back, fail, answer late, and a server that announces true and
 * false things; checks after every step what must always hold.
 */
class GateInvariantsTest {

    private static final int WORLDS = 3000;
    private static final Map<GateOutcome, Integer> ENDS = new EnumMap<>(GateOutcome.class);

    @AfterAll
    static void everyEndWasPlayedOftenEnough() {
        assertThat(ENDS)
                .hasSize(GateOutcome.values().length)
                .allSatisfy(
                        (outcome, times) -> assertThat(times).as(outcome.name()).isGreaterThan(WORLDS / 50));
    }

    static IntStream seeds() {
        return IntStream.range(0, WORLDS / 100);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whateverHappensTheGateKeepsItsPromises(int hundred) {
        for (int i = 0; i < 100; i++) {
            long seed = 100L * hundred + i;
            new World(seed).play();
        }
    }

    /** What a replica really has at this moment. */
    private record Truth(ManifestSummary publication, boolean rootCatalog) {}

    /** The replicas, the server, and what the gate was told in answer to its own questions. */
    private static final class World {

        private final Random random;
        private final String name;
        private final List<Replica> replicas = new ArrayList<>();
        private final Map<Replica, Truth> truths = new LinkedHashMap<>();
        private final Map<Replica, ManifestSummary> lastManifest = new LinkedHashMap<>();
        private final Map<Replica, Boolean> lastCatalog = new LinkedHashMap<>();
        private final Map<Replica, Question> outstanding = new LinkedHashMap<>();
        private final Map<Replica, Instant> lastRead = new LinkedHashMap<>();
        private final Condition condition;
        private Gate gate;
        private Instant now = START;
        private Instant openedAt = START;
        private Instant waitUntil = START;
        private GateOutcome outcome;

        World(long seed) {
            this.random = new Random(seed);
            this.name = "world " + seed;
            int count = 1 + random.nextInt(4);
            for (int i = 0; i < count; i++) {
                Replica replica = new Replica("r" + i, "http://r" + i);
                replicas.add(replica);
                truths.put(replica, new Truth(ScriptedGate.published(5), true));
            }
            this.condition = new Condition(
                    new RepositoryName("sw.example.org"),
                    target(),
                    replicas,
                    requirement(count),
                    List.of(StalePolicy.WAIT, StalePolicy.SKIP, StalePolicy.FAIL)
                            .get(random.nextInt(3)),
                    START.plusSeconds(random.nextInt(600) - 20),
                    random.nextInt(4) == 0 ? START.plusSeconds(random.nextInt(100)) : null);
            this.gate = ScriptedGate.gate(GateSnapshot.start(condition, now), random.nextInt(4) > 0, seed, now);
        }

        private Target target() {
            return switch (random.nextInt(3)) {
                case 0 -> new Target.AtLeast(new Revision(7));
                case 1 -> new Target.NewerThan(new Revision(6));
                default -> new Target.RootHash(ScriptedGate.rootHash(7), random.nextBoolean() ? new Revision(7) : null);
            };
        }

        private Requirement requirement(int count) {
            return switch (random.nextInt(4)) {
                case 0 -> Requirement.ALL;
                case 1 -> Requirement.MAJORITY;
                case 2 -> Requirement.ANY;
                default -> new Requirement(String.valueOf(1 + random.nextInt(count)));
            };
        }

        void play() {
            advance();
            for (int step = 0; step < 2000 && outcome == null; step++) {
                happen();
                advance();
            }
            assertThat(outcome).as(name).isNotNull();
            assertThat(gate.advance(now)).as(name).isEmpty();
            assertThat(gate.advance(now.plusSeconds(3600))).as(name).isEmpty();
        }

        private void happen() {
            switch (random.nextInt(9)) {
                case 0 -> changeTheTruth();
                case 1 -> gate.take(new GateEvent.Announced(anyPublication()), now);
                case 2 -> connectionChanges();
                case 3, 4 -> answer();
                case 5 -> passTime(Duration.ofMillis(random.nextInt(2000)));
                case 6 -> restartNowAndThen();
                case 7 -> gate.take(new GateEvent.ReadBegins(replicas.get(random.nextInt(replicas.size()))), now);
                // Where time has passed beyond that, the clock is thereby set back.
                default -> passTime(Duration.between(now, waitUntil));
            }
        }

        private void changeTheTruth() {
            truths.put(
                    replicas.get(random.nextInt(replicas.size())), new Truth(anyPublication(), random.nextInt(4) > 0));
        }

        private ManifestSummary anyPublication() {
            Instant published = random.nextInt(5) == 0 ? null : START.plusSeconds(random.nextInt(400) - 100);
            return ScriptedGate.published(4 + random.nextInt(5), published);
        }

        private void connectionChanges() {
            gate.take(random.nextBoolean() ? new GateEvent.Connected() : new GateEvent.Disconnected("refused"), now);
        }

        private void answer() {
            if (outstanding.isEmpty()) {
                return;
            }
            List<Replica> asked = List.copyOf(outstanding.keySet());
            Replica replica = asked.get(random.nextInt(asked.size()));
            Question question = outstanding.remove(replica);
            GateEvent.Answer answer = answerTo(replica, question);
            GateEvent event = new GateEvent.Answered(replica, question, answer);
            boolean late = isOver();
            gate.take(event, now);
            if (!late) {
                remember(replica, answer);
            }
            // Twice is once.
            gate.take(event, now);
        }

        private GateEvent.Answer answerTo(Replica replica, Question question) {
            Truth truth = truths.get(replica);
            if (random.nextInt(6) == 0) {
                return new GateEvent.Failed("refused");
            }
            if (question instanceof GateAction.ReadManifest) {
                return new GateEvent.ManifestRead(truth.publication(), null);
            }
            if (question instanceof GateAction.CheckRootCatalog) {
                return new GateEvent.RootCatalogChecked(truth.rootCatalog(), null);
            }
            return new GateEvent.SnapshotTimeRead(random.nextBoolean() ? null : now);
        }

        private void remember(Replica replica, GateEvent.Answer answer) {
            if (answer instanceof GateEvent.ManifestRead read) {
                ManifestSummary before = lastManifest.put(replica, read.manifest());
                if (before == null || !before.rootHash().equals(read.manifest().rootHash())) {
                    lastCatalog.remove(replica);
                }
            } else if (answer instanceof GateEvent.RootCatalogChecked catalog) {
                lastCatalog.put(replica, catalog.present());
            }
        }

        private void passTime(Duration span) {
            now = now.plus(span);
        }

        private void restartNowAndThen() {
            if (random.nextInt(10) == 0) {
                GateSnapshot known = GateSnapshot.fromJson(gate.snapshot().toJson());
                now = now.plusSeconds(random.nextInt(20));
                gate = ScriptedGate.gate(known, true, random.nextLong(), now);
                outstanding.clear();
                lastRead.clear();
                openedAt = now;
            }
        }

        private Instant end() {
            boolean isFresh = !openedAt.isAfter(START.plus(Gate.FRESH)) && openedAt.isBefore(condition.deadline());
            Instant finalCheck = openedAt.plus(PollSchedule.DEFAULT.finalCheck());
            return isFresh || finalCheck.isBefore(condition.deadline()) ? condition.deadline() : finalCheck;
        }

        private boolean isOver() {
            return !now.isBefore(end());
        }

        private void advance() {
            List<GateAction> actions = gate.advance(now);
            if (outcome != null) {
                assertThat(actions).as(name).isEmpty();
                return;
            }
            GateAction last = actions.get(actions.size() - 1);
            actions.subList(0, actions.size() - 1).forEach(this::obey);
            if (last instanceof GateAction.Finish finish) {
                outcome = finish.outcome();
                checkEnd();
            } else {
                waitUntil = ((GateAction.WaitUntil) last).instant();
                checkGoingOn();
            }
        }

        private void obey(GateAction action) {
            if (action instanceof GateAction.Ask ask) {
                assertThat(outstanding).as(name + ": one question at a time").doesNotContainKey(ask.replica());
                outstanding.put(ask.replica(), ask.question());
                if (ask.question() instanceof GateAction.ReadManifest) {
                    Instant before = lastRead.put(ask.replica(), now);
                    assertThat(before == null
                                    // A read that is joined costs nothing, and may come after half of the pause.
                                    || !before.plus(PollSchedule.DEFAULT
                                                    .minInterval()
                                                    .dividedBy(2))
                                            .isAfter(now))
                            .as(name + ": not too often")
                            .isTrue();
                }
            } else {
                assertThat(action).as(name).isNotInstanceOfAny(GateAction.Finish.class, GateAction.WaitUntil.class);
            }
        }

        private void checkGoingOn() {
            assertThat(waitUntil)
                    .as(name + ": the next step lies ahead")
                    .isAfter(now)
                    .isBeforeOrEqualTo(end());
            assertThat(isOver()).as(name + ": ends by the deadline").isFalse();
            if (now.isBefore(condition.deadline())) {
                assertThat(Duration.between(now, waitUntil))
                        .as(name + ": looks now and then, or waits for answers")
                        .isLessThanOrEqualTo(
                                outstanding.size() == replicas.size()
                                        ? Duration.ofSeconds(600)
                                        : Duration.ofSeconds(75));
            }
        }

        private void checkEnd() {
            ENDS.merge(outcome, 1, Integer::sum);
            long shown = replicas.stream().filter(this::isShown).count();
            switch (outcome) {
                case REACHED ->
                    assertThat(shown)
                            .as(name + ": never open without the truth")
                            .isGreaterThanOrEqualTo(condition.needed());
                case TIMED_OUT ->
                    assertThat(now).as(name + ": never gives up early").isAfterOrEqualTo(condition.deadline());
                case STALE ->
                    assertThat(condition.onStale())
                            .as(name + ": only if asked to")
                            .isNotEqualTo(StalePolicy.WAIT);
            }
            assertThat(gate.report(now).counted() >= condition.needed())
                    .as(name + ": the report says the same")
                    .isEqualTo(outcome == GateOutcome.REACHED);
        }

        private boolean isShown(Replica replica) {
            ManifestSummary publication = lastManifest.get(replica);
            return publication != null
                    && publication.revision().compareTo(new Revision(7)) >= 0
                    && lastCatalog.getOrDefault(replica, false);
        }
    }
}
