package io.jenkins.plugins.cvmfs.notify.steps;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.client.gate.Gate;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.gate.PollSchedule;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

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
        private final Map<String, GateAction.Request> questions = new HashMap<>();
        private Instant now;

        private Progress(GateSnapshot known) {
            now = known.startedAt();
            gate = Gate.resume(known, false, PollSchedule.DEFAULT, new Random(1), now);
        }

        /** The replica serves the revision, root catalog and all. */
        Progress read(String name, long revision) {
            advance();
            GateAction.Request question = questions.remove(name);
            while (question == null) {
                now = now.plus(Duration.ofSeconds(1));
                advance();
                question = questions.remove(name);
            }
            ManifestSummary publication = new ManifestSummary(new Revision(revision), hash(revision), null);
            gate.take(new GateEvent.ManifestRead(question.replica(), publication), now);
            advance();
            if (questions.remove(name) instanceof GateAction.SeekRootCatalog seek) {
                gate.take(new GateEvent.RootCatalogSought(seek.replica(), seek.hash(), true), now);
            }
            return this;
        }

        private void advance() {
            if (!now.isBefore(gate.snapshot().condition().deadline())) {
                throw new AssertionError("the gate never asks");
            }
            for (GateAction action : gate.advance(now)) {
                if (action instanceof GateAction.Request question) {
                    questions.put(question.replica().name(), question);
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
