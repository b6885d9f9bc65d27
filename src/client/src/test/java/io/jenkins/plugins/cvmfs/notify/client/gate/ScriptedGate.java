package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.Question;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A gate, its clock, and what it has asked for so far. Every event is followed by {@link Gate#advance}. */
final class ScriptedGate {

    static final Instant START = Instant.parse("2026-11-23T21:00:00Z");
    static final Replica A = new Replica("site-a", "http://a.example.org/cvmfs/sw.example.org");
    static final Replica B = new Replica("site-b", "http://b.example.org/cvmfs/sw.example.org");
    static final Replica C = new Replica("site-c", "http://c.example.org/cvmfs/sw.example.org");

    final List<String> lines = new ArrayList<>();
    final List<GateOutcome> outcomes = new ArrayList<>();
    private final Map<Replica, Question> outstanding = new LinkedHashMap<>();
    private final Gate gate;
    private boolean subscribed;
    private Instant now;
    private Instant waitUntil;

    ScriptedGate(Gate gate, Instant now) {
        this.gate = gate;
        this.now = now;
        advance();
    }

    /** For revision 7 or newer, on all of three replicas, within ten minutes, with a server. */
    static ScriptedGate forRevision7() {
        return open(condition(revision(7), "all"));
    }

    /** Makes a gate with the usual schedule. */
    static Gate gate(GateSnapshot known, boolean subscribes, long seed, Instant now) {
        return new Gate(known, subscribes, PollSchedule.DEFAULT, new Random(seed), now);
    }

    static ScriptedGate open(Condition condition) {
        return new ScriptedGate(gate(GateSnapshot.start(condition, START), true, 1, START), START);
    }

    static ScriptedGate pollOnly(Condition condition) {
        return new ScriptedGate(gate(GateSnapshot.start(condition, START), false, 1, START), START);
    }

    static ScriptedGate resume(GateSnapshot known, Instant now) {
        return new ScriptedGate(gate(known, true, 2, now), now);
    }

    static Condition condition(Target target, String require) {
        return condition(target, require, StalePolicy.WAIT, null);
    }

    static Condition condition(Target target, String require, StalePolicy onStale, Instant publishedAt) {
        return new Condition(
                new RepositoryName("sw.example.org"),
                target,
                List.of(A, B, C),
                new Requirement(require),
                onStale,
                START.plus(Duration.ofMinutes(10)),
                publishedAt);
    }

    static Target revision(long number) {
        return new Target.AtLeast(new Revision(number));
    }

    /** The root hash of the revision with this number. */
    static ContentHash rootHash(long revision) {
        return ContentHash.of(HashAlgorithm.SHA1, new byte[] {(byte) revision});
    }

    /** The revision with this number, published at the start. */
    static ManifestSummary published(long revision) {
        return published(revision, START);
    }

    static ManifestSummary published(long revision, Instant at) {
        return new ManifestSummary(new Revision(revision), rootHash(revision), at);
    }

    /** The replica serves this manifest. */
    static GateEvent manifestRead(Replica replica, ManifestSummary manifest) {
        return manifestRead(replica, manifest, null);
    }

    static GateEvent manifestRead(Replica replica, ManifestSummary manifest, @Nullable String note) {
        return new GateEvent.Answered(
                replica, new GateAction.ReadManifest(), new GateEvent.ManifestRead(manifest, note));
    }

    static GateEvent rootCatalogChecked(Replica replica, ContentHash hash, boolean present) {
        return new GateEvent.Answered(
                replica, new GateAction.CheckRootCatalog(hash), new GateEvent.RootCatalogChecked(present, null));
    }

    static GateEvent snapshotTimeRead(Replica replica, Instant at) {
        return new GateEvent.Answered(replica, new GateAction.ReadSnapshotTime(), new GateEvent.SnapshotTimeRead(at));
    }

    Instant now() {
        return now;
    }

    Gate gate() {
        return gate;
    }

    boolean subscribed() {
        return subscribed;
    }

    Instant waitUntil() {
        return waitUntil;
    }

    /** The questions that wait for an answer, one a replica at most. */
    Map<Replica, Question> outstanding() {
        return outstanding;
    }

    boolean asks(Replica replica) {
        return outstanding.containsKey(replica);
    }

    void take(GateEvent event) {
        if (event instanceof GateEvent.Answered answered) {
            outstanding.remove(answered.replica());
        }
        gate.take(event, now);
        advance();
    }

    void connect() {
        take(new GateEvent.Connected());
    }

    void disconnect() {
        take(new GateEvent.Disconnected("connection refused"));
    }

    void announce(long revision) {
        take(new GateEvent.Announced(published(revision)));
    }

    /** Lets the replica answer whatever it is asked, with this revision, until it is asked nothing more. */
    void serve(Replica replica, long revision) {
        serve(replica, published(revision), true);
    }

    void serve(Replica replica, ManifestSummary publication) {
        serve(replica, publication, true);
    }

    void serve(Replica replica, ManifestSummary publication, boolean rootCatalog) {
        while (asks(replica)) {
            Question question = outstanding.get(replica);
            if (question instanceof GateAction.ReadManifest) {
                take(manifestRead(replica, publication));
            } else if (question instanceof GateAction.CheckRootCatalog catalog) {
                take(rootCatalogChecked(replica, catalog.hash(), rootCatalog));
            } else {
                take(snapshotTimeRead(replica, START.minus(Duration.ofMinutes(34))));
            }
        }
    }

    void fail(Replica replica) {
        Question question = outstanding.getOrDefault(replica, new GateAction.ReadManifest());
        take(new GateEvent.Answered(replica, question, new GateEvent.Failed("connection refused")));
    }

    /** Lets the time pass, and the gate do what it wants to do meanwhile. */
    void pass(Duration span) {
        Instant until = now.plus(span);
        while (outcomes.isEmpty() && waitUntil.isBefore(until)) {
            now = waitUntil;
            advance();
        }
        now = until;
        advance();
    }

    /** Lets the time pass until this replica is asked something; how long that took. */
    Duration untilAsked(Replica replica) {
        Instant from = now;
        while (!asks(replica)) {
            if (!outcomes.isEmpty()) {
                throw new AssertionError("the gate ended instead: " + outcomes);
            }
            now = waitUntil;
            advance();
        }
        return Duration.between(from, now);
    }

    /** Sets the clock, also back. */
    void jumpTo(Instant instant) {
        now = instant;
        advance();
    }

    private void advance() {
        for (GateAction action : gate.advance(now)) {
            if (action instanceof GateAction.Ask ask) {
                if (outstanding.put(ask.replica(), ask.question()) != null) {
                    throw new AssertionError("two questions at once to " + ask.replica());
                }
            } else if (action instanceof GateAction.Progress progress) {
                lines.add(progress.line());
            } else if (action instanceof GateAction.WaitUntil wait) {
                waitUntil = wait.instant();
            } else if (action instanceof GateAction.Finish finish) {
                outcomes.add(finish.outcome());
            } else {
                subscribed = true;
            }
        }
    }
}
