package io.jenkins.plugins.cvmfs.notify.client.waiting;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Which questions are sent, one by one. */
class ReplicaPollerTest {

    private static final RepositoryLocation PLACE =
            RepositoryLocation.parse("http://a.example.org/cvmfs/sw.example.org");
    private static final Question MANIFEST = new Question.Manifest(PLACE);
    private static final Question CATALOG =
            new Question.RootCatalog(PLACE, ContentHash.of(HashAlgorithm.SHA1, new byte[] {7}));

    private final List<Question> sent = new ArrayList<>();
    private final List<CompletableFuture<ReplicaFinding>> answers = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final ReplicaPoller reads = new ReplicaPoller(this::send, WaitSettings.DEFAULT, Runnable::run);

    private CompletableFuture<ReplicaFinding> send(Question question) {
        sent.add(question);
        answers.add(new CompletableFuture<>());
        return answers.get(answers.size() - 1);
    }

    private void answer(int number) {
        answers.get(number).complete(new ReplicaFinding.Problem("no"));
    }

    private void ask(Question question, Consumer<ReplicaFinding> then) {
        reads.ask(question, new ReplicaPoller.Asker() {
            @Override
            public boolean isInterested() {
                return true;
            }

            @Override
            public void answered(ReplicaFinding finding) {
                then.accept(finding);
            }
        });
    }

    @Test
    void whatSeveralAskBecauseOfOneAnswerIsSentOnce() {
        // Given two that follow a replica and ask for its root catalog when they know its manifest
        for (String name : List.of("first", "second")) {
            reads.follow(PLACE, location -> ask(MANIFEST, manifest -> ask(CATALOG, catalog -> told.add(name))));
        }

        // When a third reads the manifest
        ask(MANIFEST, manifest -> told.add("third"));
        answer(0);
        answer(1);

        // Then
        assertThat(sent).containsExactly(MANIFEST, CATALOG);
        assertThat(told).containsExactly("third", "first", "second");
    }

    @Test
    void whoFollowsNoMoreIsNotTold() {
        ReplicaPoller.Follower follower = location -> told.add("told");
        reads.follow(PLACE, follower);
        ask(MANIFEST, manifest -> {});

        reads.unfollow(PLACE, follower);
        answer(0);
        ask(MANIFEST, manifest -> {});

        assertThat(sent).containsExactly(MANIFEST, MANIFEST);
        assertThat(told).containsExactly("told");
    }

    @Test
    void noMoreIsSentToAHostThanAllowedThoughAskingLeadsToFurtherQuestions() {
        reads.follow(PLACE, location -> ask(CATALOG, catalog -> {}));

        for (int i = 0; i < 10; i++) {
            ask(new Question.Manifest(RepositoryLocation.parse("http://a.example.org/cvmfs/r" + i)), manifest -> {});
        }
        ask(MANIFEST, manifest -> {});
        // An answer leads to further questions, so that there are more answers than at first.
        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.stream().filter(answer -> !answer.isDone())).hasSizeLessThanOrEqualTo(4);
            answer(i);
        }

        assertThat(sent).hasSize(12);
    }
}
