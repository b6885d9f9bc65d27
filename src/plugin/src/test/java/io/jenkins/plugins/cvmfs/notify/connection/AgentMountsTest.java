package io.jenkins.plugins.cvmfs.notify.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation.Elsewhere;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader.MountedRevision;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Agents are asked one question at a time each, and no wait waits for one that hangs. */
final class AgentMountsTest {

    private static final String ROOT = "/cvmfs/sw.example.org";

    private final Map<String, ScriptedAgent> agents = new ConcurrentHashMap<>();
    private final ScheduledExecutorService thread = Executors.newScheduledThreadPool(1);
    private final ExecutorService sending = Executors.newCachedThreadPool();
    private final AgentMounts mounts = new AgentMounts(agents::get, thread, sending, Duration.ofSeconds(2));
    private final RepositoryReader reader = mounts.besides(new OtherPlaces());

    @AfterEach
    void close() {
        mounts.close();
        thread.shutdownNow();
        sending.shutdownNow();
    }

    private static Elsewhere at(String agent, @Nullable String path) {
        return new Elsewhere(agent, ROOT, path);
    }

    private static <T> T value(CompletableFuture<T> future) throws Exception {
        return future.get(1, TimeUnit.MINUTES);
    }

    private static String problem(CompletableFuture<?> future) throws Exception {
        try {
            return "no problem: " + future.get(1, TimeUnit.MINUTES);
        } catch (ExecutionException e) {
            return String.valueOf(e.getCause().getMessage());
        }
    }

    @Test
    void anAgentTellsWhatItsMountServes() throws Exception {
        // Given
        ScriptedAgent agent = agent("agent 1");
        agent.answer("1", "", "7", "", "sw.example.org");

        // When
        MountedRevision served = value(reader.mounted(at("agent 1", null)));

        // Then
        assertThat(served.revision()).isEqualTo(new Revision(7));
        assertThat(served.rootHash()).isNull();
        assertThat(value(reader.pathPresent(at("agent 1", null)))).isTrue();
    }

    @Test
    void aPathIsLookedForWithTheSameQuestion() throws Exception {
        // Given
        ScriptedAgent agent = agent("one");
        agent.answer("1", "", "7", "", "", "1");

        // When
        value(reader.mounted(at("one", ROOT + "/a")));
        boolean present = value(reader.pathPresent(at("one", ROOT + "/a")));

        // Then
        assertThat(present).isTrue();
        assertThat(agent.asked).hasSize(1);
    }

    @Test
    void whatIsAskedMeanwhileSharesTheNextQuestion() throws Exception {
        // Given
        ScriptedAgent agent = agent("one");
        CompletableFuture<String[]> first = agent.holdBack();
        CompletableFuture<MountedRevision> before = reader.mounted(at("one", null));
        await().until(() -> agent.asked.size() == 1);

        // When
        List<CompletableFuture<MountedRevision>> more = IntStream.range(0, 10)
                .mapToObj(i -> reader.mounted(at("one", ROOT + "/" + i)))
                .toList();
        boolean isPending = agent.asked.size() == 1;
        agent.answer("1", "", "8", "", "", "1", "1", "1", "1", "1", "1", "1", "1", "1", "1");
        first.complete(new String[] {"1", "", "7", "", ""});

        // Then
        assertThat(isPending).isTrue();
        assertThat(value(before).revision()).isEqualTo(new Revision(7));
        for (CompletableFuture<MountedRevision> one : more) {
            assertThat(value(one).revision()).isEqualTo(new Revision(8));
        }
        assertThat(agent.asked).hasSize(2);
    }

    @Test
    void anAgentThatHangsFailsAndCostsNothingUntilItAnswers() throws Exception {
        // Given
        ScriptedAgent hung = agent("hung");
        CompletableFuture<String[]> never = hung.holdBack();
        agent("other").answer("1", "", "7", "", "");

        // When
        String first = problem(reader.mounted(at("hung", null)));
        String second = problem(reader.mounted(at("hung", null)));
        MountedRevision other = value(reader.mounted(at("other", null)));
        hung.answer("1", "", "9", "", "");
        never.complete(new String[] {"1", "", "8", "", ""});

        // Then
        assertThat(first).isEqualTo("the agent has not answered within 2 s");
        assertThat(second).matches("the agent has not answered for [0-9]+ s");
        assertThat(other.revision()).isEqualTo(new Revision(7));
        assertThat(hung.asked).hasSize(1);
        await().atMost(Duration.ofMinutes(1))
                .until(() -> problem(reader.mounted(at("hung", null))).startsWith("no problem"));
        assertThat(value(reader.mounted(at("hung", null))).revision()).isEqualTo(new Revision(9));
    }

    @Test
    void aReconnectedAgentIsAskedAnewThoughTheOldConnectionHangs() throws Exception {
        // Given
        ScriptedAgent old = agent("one");
        CompletableFuture<String[]> never = old.holdBack();
        CompletableFuture<MountedRevision> asked = reader.mounted(at("one", null));
        await().until(() -> old.asked.size() == 1);

        // When
        agent("one").answer("1", "", "7", "", "");
        MountedRevision served = value(reader.mounted(at("one", null)));

        // Then
        assertThat(served.revision()).isEqualTo(new Revision(7));
        assertThat(problem(asked)).isEqualTo("the agent was disconnected");
        assertThat(never).isCancelled();
    }

    @Test
    void whatIsWrongIsSaid() throws Exception {
        // Given
        agent("stopped").answer("1", ROOT + ": not mounted: there is no such folder", "", "", "");
        agent("newer").answer("2", "whatever");
        agent("long").answer("1", "", "7", "", "", "1");
        Future<?> nonsense = CompletableFuture.completedFuture("nonsense");
        agent("strange").answers = cast(nonsense);
        agent("silent").answers = CompletableFuture.completedFuture(null);
        agent("broken").failure = new IOException("channel is already closed");
        agent("lost").answers = CompletableFuture.failedFuture(new IOException("connection reset"));

        // Then
        assertThat(problem(reader.mounted(at("stopped", null))))
                .isEqualTo(ROOT + ": not mounted: there is no such folder");
        assertThat(problem(reader.mounted(at("newer", null))))
                .isEqualTo("its answer is not of format 1; restart the agent's process");
        assertThat(problem(reader.mounted(at("long", null))))
                .isEqualTo("its answer is malformed; restart the agent's process");
        assertThat(problem(reader.mounted(at("strange", null)))).contains("malformed", "ClassCastException");
        assertThat(problem(reader.mounted(at("silent", null)))).contains("not of format 1");
        assertThat(problem(reader.mounted(at("broken", null))))
                .contains("cannot be asked", "channel is already closed");
        assertThat(problem(reader.mounted(at("lost", null)))).contains("cannot be asked", "connection reset");
        assertThat(problem(reader.mounted(at("gone", null)))).isEqualTo("the agent is offline");
        assertThat(problem(reader.pathPresent(at("gone", ROOT + "/a")))).isEqualTo("the agent is offline");
    }

    @SuppressWarnings("unchecked") // An agent's answer is not checked either.
    private static Future<String[]> cast(Future<?> answer) {
        return (Future<String[]>) answer;
    }

    @Test
    void afterTheEndEverythingFails() throws Exception {
        // Given
        agent("one").holdBack();
        CompletableFuture<MountedRevision> asked = reader.mounted(at("one", null));

        // When
        mounts.close();
        String during = problem(asked);
        thread.shutdown();

        // Then
        assertThat(during).isEqualTo("Jenkins is shutting down");
        assertThat(problem(reader.mounted(at("one", null)))).isEqualTo("Jenkins is shutting down");
    }

    @Test
    void otherPlacesAreReadAsBefore() {
        assertThat(reader.location("mount@agent+1:/cvmfs/sw.example.org with /cvmfs/sw.example.org/a b"))
                .isEqualTo(at("agent 1", ROOT + "/a b"));
        assertThat(reader.location("http://a.example.org/cvmfs/sw.example.org"))
                .isInstanceOf(RepositoryLocation.Web.class);
    }

    private ScriptedAgent agent(String name) {
        ScriptedAgent agent = new ScriptedAgent();
        agents.put(name, agent);
        return agent;
    }

    /** Answers every question in the same way. */
    private static final class ScriptedAgent implements AgentMounts.Line {

        private final List<MountQuestion> asked = new CopyOnWriteArrayList<>();
        private volatile Future<String[]> answers = new CompletableFuture<>();
        private volatile @Nullable IOException failure;

        private void answer(String... texts) {
            answers = CompletableFuture.completedFuture(texts);
        }

        private CompletableFuture<String[]> holdBack() {
            CompletableFuture<String[]> held = new CompletableFuture<>();
            answers = held;
            return held;
        }

        @Override
        public Future<String[]> ask(MountQuestion question) throws IOException {
            asked.add(question);
            IOException thrown = failure;
            if (thrown != null) {
                throw thrown;
            }
            return answers;
        }
    }

    /** Has nothing. */
    private static final class OtherPlaces implements RepositoryReader {

        @Override
        public CompletableFuture<FetchedManifest> manifest(
                RepositoryLocation location, @Nullable FetchedManifest previous) {
            return CompletableFuture.failedFuture(new InvalidInputException("not here"));
        }

        @Override
        public CompletableFuture<Boolean> objectPresent(
                RepositoryLocation location, ContentHash hash, ObjectKind kind) {
            return CompletableFuture.completedFuture(false);
        }

        @Override
        public CompletableFuture<byte[]> file(RepositoryLocation location, String path, int maxBytes) {
            return CompletableFuture.failedFuture(new InvalidInputException("not here"));
        }

        @Override
        public CompletableFuture<Optional<Instant>> lastSnapshot(RepositoryLocation location) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
    }
}
