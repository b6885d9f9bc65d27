package io.jenkins.plugins.cvmfs.notify.client.waiting;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.Answer;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.Failed;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.waiting.ReplicaPoller.Read;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Which reads are sent, one by one. */
class ReplicaPollerTest implements RepositoryReader {

    private static final RepositoryLocation PLACE =
            RepositoryLocation.parse("http://a.example.org/cvmfs/sw.example.org");
    private static final Read MANIFEST = manifestAt(PLACE);
    private static final Read CATALOG = new Read(
            PLACE,
            FakeReplicas.REPOSITORY,
            new GateAction.CheckRootCatalog(ContentHash.of(HashAlgorithm.SHA1, new byte[] {7})));

    private final List<Read> sent = new ArrayList<>();
    private final List<CompletableFuture<?>> answers = new ArrayList<>();
    private final List<String> notified = new ArrayList<>();
    private final ReplicaPoller reads = new ReplicaPoller(this, WaitSettings.DEFAULT, Runnable::run);

    private static Read manifestAt(RepositoryLocation location) {
        return new Read(location, FakeReplicas.REPOSITORY, new GateAction.ReadManifest());
    }

    @Override
    public CompletableFuture<FetchedManifest> manifest(RepositoryLocation location, FetchedManifest previous) {
        return send(manifestAt(location));
    }

    @Override
    public CompletableFuture<Boolean> objectPresent(RepositoryLocation location, ContentHash hash, ObjectKind kind) {
        return send(new Read(location, FakeReplicas.REPOSITORY, new GateAction.CheckRootCatalog(hash)));
    }

    @Override
    public CompletableFuture<Optional<Instant>> lastSnapshot(RepositoryLocation location) {
        return send(new Read(location, FakeReplicas.REPOSITORY, new GateAction.ReadSnapshotTime()));
    }

    @Override
    public CompletableFuture<byte[]> file(RepositoryLocation location, String path, int maxBytes) {
        throw new UnsupportedOperationException("a gate reads no other files");
    }

    private <T> CompletableFuture<T> send(Read read) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        sent.add(read);
        answers.add(answer);
        return answer;
    }

    private void answer(int number) {
        answers.get(number).completeExceptionally(new TransientFailureException("no"));
    }

    private void ask(Read read, Consumer<Answer> then) {
        reads.ask(read, new ReplicaPoller.Asker(() -> true, then));
    }

    @Test
    void whatSeveralAskBecauseOfOneAnswerIsSentOnce() {
        // Given two that follow a replica and ask for its root catalog when they know its manifest
        for (String name : List.of("first", "second")) {
            reads.follow(PLACE, location -> ask(MANIFEST, manifest -> ask(CATALOG, catalog -> notified.add(name))));
        }

        // When a third reads the manifest
        ask(MANIFEST, manifest -> notified.add("third"));
        answer(0);
        answer(1);

        // Then
        assertThat(sent).containsExactly(MANIFEST, CATALOG);
        assertThat(notified).containsExactly("third", "first", "second");
    }

    @Test
    void aFollowerThatHasLeftIsNotNotified() {
        ReplicaPoller.Follower follower = location -> notified.add("told");
        reads.follow(PLACE, follower);
        ask(MANIFEST, manifest -> {});

        reads.unfollow(PLACE, follower);
        answer(0);
        ask(MANIFEST, manifest -> {});

        assertThat(sent).containsExactly(MANIFEST, MANIFEST);
        assertThat(notified).containsExactly("told");
    }

    @Test
    void noMoreIsSentToAHostThanAllowedThoughAskingLeadsToFurtherQuestions() {
        reads.follow(PLACE, location -> ask(CATALOG, catalog -> {}));

        for (int i = 0; i < 10; i++) {
            ask(manifestAt(RepositoryLocation.parse("http://a.example.org/cvmfs/r" + i)), manifest -> {});
        }
        ask(MANIFEST, manifest -> {});
        // An answer leads to further questions, so that there are more answers than at first.
        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.stream().filter(answer -> !answer.isDone())).hasSizeLessThanOrEqualTo(4);
            answer(i);
        }

        assertThat(sent).hasSize(12);
    }

    @Test
    void aReadThatFailsAtOnceIsAnsweredAndLeavesRoomForOthers() {
        RepositoryReader broken = new FakeReplicas() {
            @Override
            public CompletableFuture<Optional<Instant>> lastSnapshot(RepositoryLocation location) {
                throw new NoClassDefFoundError("gone");
            }
        };
        ReplicaPoller poller = new ReplicaPoller(broken, WaitSettings.DEFAULT, Runnable::run);
        List<Answer> given = new ArrayList<>();

        for (int i = 0; i < 10; i++) {
            poller.ask(
                    new Read(PLACE, FakeReplicas.REPOSITORY, new GateAction.ReadSnapshotTime()),
                    new ReplicaPoller.Asker(() -> true, given::add));
        }

        assertThat(given).hasSize(10).containsOnly(new Failed("java.lang.NoClassDefFoundError: gone"));
        assertThat(poller.count(0, 0)).isEqualTo(new WaitService.Counts(0, 0, 0, 0, 10, 0));
    }
}
