package io.jenkins.plugins.cvmfs.notify.steps;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.client.gate.Gate;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.gate.PollSchedule;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/** Reports of a real gate whose replicas answer as the test says. */
final class GateReports {

    private GateReports() {}

    static Progress waiting(GateSnapshot known) {
        return new Progress(known);
    }

    static ContentHash hash(long revision) {
        return ContentHash.of(HashAlgorithm.SHA1, Long.toString(revision).getBytes(US_ASCII));
    }

    /** A gate on its way, by its own clock. */
    static final class Progress {

        private final Gate gate;
        private final Map<String, GateAction.Ask> questions = new HashMap<>();
        private Instant now;

        private Progress(GateSnapshot known) {
            now = known.startedAt();
            gate = new Gate(known, false, PollSchedule.DEFAULT, new Random(1), now);
        }

        /** These agents are online. */
        Progress members(String... names) {
            List<Replica> present = Stream.of(names)
                    .map(name -> new Replica(
                            name, new RepositoryLocation.Elsewhere(name, "/cvmfs/sw.example.org", null).toString()))
                    .toList();
            gate.take(new GateEvent.Members(present, null), now);
            return this;
        }

        /** The replica serves the revision, root catalog and all. */
        Progress read(String name, long revision) {
            advance();
            GateAction.Ask ask = questions.remove(name);
            while (ask == null) {
                now = now.plus(Duration.ofSeconds(1));
                advance();
                ask = questions.remove(name);
            }
            answer(
                    ask,
                    new GateEvent.ManifestRead(
                            new ManifestSummary(new Revision(revision), hash(revision), null), null));
            advance();
            GateAction.Ask next = questions.remove(name);
            if (next != null && next.question() instanceof GateAction.CheckRootCatalog) {
                answer(next, new GateEvent.RootCatalogChecked(true, null));
            }
            return this;
        }

        private void answer(GateAction.Ask ask, GateEvent.Answer answer) {
            gate.take(new GateEvent.Answered(ask.replica(), ask.question(), answer), now);
        }

        private void advance() {
            if (!now.isBefore(gate.snapshot().condition().deadline())) {
                throw new AssertionError("the gate never asks");
            }
            for (GateAction action : gate.advance(now)) {
                if (action instanceof GateAction.Ask ask) {
                    questions.put(ask.replica().name(), ask);
                }
            }
        }

        GateSnapshot snapshot() {
            return gate.snapshot();
        }

        GateReport report() {
            gate.advance(now);
            return gate.report(now);
        }

        /** Lets the time pass until the end. */
        GateReport timeOut() {
            now = gate.snapshot().condition().deadline().plus(Duration.ofMinutes(5));
            List<GateAction> end = gate.advance(now);
            if (gate.outcome().isEmpty()) {
                throw new AssertionError("not over: " + end);
            }
            return gate.report(now);
        }
    }
}
