package io.jenkins.plugins.cvmfs.notify.trigger;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryFile;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.trust.Blacklist;
import io.jenkins.plugins.cvmfs.notify.client.trust.ManifestVerifier;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the manifests that triggers find: once for all triggers that ask the same, also if the answer is that it is not valid.
 * Thread-safe. Keeps the newest answers only.
 */
final class ManifestChecks {

    private static final int MAX_KEPT = 1000;
    /** After this time a manifest that was not valid, or could not be read, is looked at again. */
    private static final Duration PROBLEM_KEPT = Duration.ofSeconds(30);

    /**
     * A manifest at a place.
     *
     * @param location of the repository
     * @param expected what the manifest there must say
     */
    record Question(RepositoryName repository, RepositoryLocation location, ManifestSummary expected) {}

    private record Answer(Instant at, CompletableFuture<Optional<NotifyException>> problem) {

        private boolean isOutdated(Instant now) {
            return problem.isDone() && problem.join().isPresent() && !now.isBefore(at.plus(PROBLEM_KEPT));
        }
    }

    private final Clock clock;
    private final Map<Question, Answer> answers = new LinkedHashMap<>();

    ManifestChecks(Clock clock) {
        this.clock = clock;
    }

    /**
     * Verifies a manifest. Blocks while files are read there.
     *
     * @param announced the manifest, if it was announced; null to read it there too
     * @throws NotifyException if it is not valid, cannot be read, or is not there any more
     */
    void verify(Question question, MasterKeys keys, RepositoryReader reader, byte @Nullable [] announced) {
        Instant now = clock.instant();
        Answer answer;
        boolean isNew;
        synchronized (answers) {
            Answer known = answers.get(question);
            isNew = known == null || known.isOutdated(now);
            answer = known == null || isNew ? new Answer(now, new CompletableFuture<>()) : known;
            answers.put(question, answer);
            if (answers.size() > MAX_KEPT) {
                answers.remove(answers.keySet().iterator().next());
            }
        }
        if (isNew) {
            answer.problem().complete(problem(question, keys, reader, announced));
        }
        answer.problem().join().ifPresent(problem -> {
            throw problem;
        });
    }

    private Optional<NotifyException> problem(
            Question question, MasterKeys keys, RepositoryReader reader, byte @Nullable [] announced) {
        try {
            byte[] manifest = announced != null
                    ? announced
                    : reader.fileNow(
                            question.location(), RepositoryFile.MANIFEST.path(), ActivityMessage.MAX_MANIFEST_BYTES);
            Verdict verdict = new ManifestVerifier(keys, Blacklist.EMPTY, clock)
                    .verify(
                            question.repository(),
                            manifest,
                            (path, maxBytes) -> reader.fileNow(question.location(), path, maxBytes));
            if (verdict instanceof Verdict.Rejected rejected) {
                return Optional.of(new RefusedException("revision %s at %s starts no build: %s"
                        .formatted(question.expected().revision(), question.location(), rejected.explanation())));
            }
            boolean isExpected = verdict instanceof Verdict.Trusted trusted
                    && ManifestSummary.of(trusted.manifest()).equals(question.expected());
            return isExpected
                    ? Optional.empty()
                    : Optional.of(new TransientFailureException("revision %s is not at %s any more"
                            .formatted(question.expected().revision(), question.location())));
        } catch (NotifyException e) {
            return Optional.of(e);
        } catch (RuntimeException | Error e) {
            return Optional.of(
                    new TransientFailureException("the manifest at %s: %s".formatted(question.location(), e), e));
        }
    }

    /** Forgets all answers, because the master keys may have changed. */
    void forget() {
        synchronized (answers) {
            answers.clear();
        }
    }
}
