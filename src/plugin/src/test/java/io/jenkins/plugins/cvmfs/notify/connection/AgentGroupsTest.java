package io.jenkins.plugins.cvmfs.notify.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.ManualClock;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.connection.AgentGroups.Member;
import io.jenkins.plugins.cvmfs.notify.connection.AgentGroups.Presence;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A wait is told of the agents that are online, and of those that will probably return. */
final class AgentGroupsTest {

    private static final AgentSelection CLIENTS =
            AgentSelection.withLabel("cvmfs-client", new RepositoryName("sw.example.org"), null);

    private final ScheduledExecutorService thread = Executors.newScheduledThreadPool(1);
    private final ScriptedNodes nodes = new ScriptedNodes();
    private final ManualClock clock = new ManualClock(Instant.parse("2026-11-28T10:00:00Z"));
    private final AgentGroups groups = new AgentGroups(nodes, thread, clock);
    private final List<String> told = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        thread.shutdownNow();
    }

    private AgentGroups.Following follow(Collection<String> known) {
        return groups.follow(
                CLIENTS, null, known, (present, absent) -> told.add(String.join(" ", present) + " | " + absent));
    }

    private void become(Member... all) {
        nodes.all = List.of(all);
        groups.changed();
    }

    private void awaitTold(String... texts) {
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(told).containsExactly(texts));
    }

    @Test
    void thoseThatAreOnlineAreToldAtOnceAndSoonAfterAChange() {
        // Given
        nodes.all = List.of(new Member("a", Presence.ONLINE), new Member("b", Presence.OFFLINE));

        // When
        follow(List.of());
        awaitTold("a | offline: b");
        become(new Member("a", Presence.ONLINE), new Member("b", Presence.ONLINE));

        // Then
        awaitTold("a | offline: b", "a b | null");
    }

    @Test
    void oneThatLostItsConnectionStillBelongsForSomeMinutes() {
        // Given
        nodes.all = List.of(new Member("a", Presence.ONLINE));
        follow(List.of());
        awaitTold("a | null");

        // When
        become(new Member("a", Presence.OFFLINE));
        awaitTold("a | null", "a | null");
        clock.advance(AgentGroups.GRACE);
        become(new Member("a", Presence.OFFLINE));

        // Then
        awaitTold("a | null", "a | null", " | offline: a");
    }

    @Test
    void oneThatWasTakenOfflineOrDeletedDoesNot() {
        // Given
        nodes.all = List.of(new Member("a", Presence.ONLINE), new Member("b", Presence.ONLINE));
        follow(List.of());
        awaitTold("a b | null");

        // When
        become(new Member("a", Presence.PAUSED));

        // Then
        awaitTold("a b | null", " | offline: a");
    }

    @Test
    void afterARestartThoseThatWereThereBelongUntilTheyHadTimeToReturn() {
        // Given
        nodes.all = List.of(new Member("a", Presence.OFFLINE), new Member("b", Presence.OFFLINE));

        // When
        follow(List.of("a"));

        // Then
        awaitTold("a | offline: b");
    }

    @Test
    void nobodyIsToldWithTheReason() {
        // When
        follow(List.of());

        // Then
        awaitTold(" | no agent has this label");
    }

    @Test
    void agentsWhereTheBuildMayNotRunAreLeftOut() {
        // Given
        nodes.all = List.of(
                new Member("a", Presence.ONLINE),
                new Member("b", Presence.FORBIDDEN),
                new Member("", Presence.OFFLINE));

        // When
        follow(List.of());

        // Then
        awaitTold("a | offline: built-in; the build has no right to run on 1 more");
    }

    @Test
    void ofManyOnlySomeAreNamed() {
        // Given
        nodes.all = IntStream.range(0, 8)
                .mapToObj(i -> new Member("n" + i, Presence.OFFLINE))
                .toList();

        // When
        follow(List.of());

        // Then
        awaitTold(" | offline: n0, n1, n2, n3, n4 and 3 more");
    }

    @Test
    void oneThatIsClosedHearsNothingMore() {
        // Given
        AgentGroups.Following closed = follow(List.of());
        awaitTold(" | no agent has this label");

        // When
        closed.close();
        nodes.all = List.of(new Member("a", Presence.ONLINE));
        follow(List.of());

        // Then
        awaitTold(" | no agent has this label", "a | null");
    }

    @Test
    void manyWaitsForOneLabelLookForItsAgentsOnce() {
        // Given
        Stream.generate(() -> follow(List.of())).limit(100).forEach(following -> {});
        await().until(() -> told.size() == 100);
        int before = nodes.selections.get();
        nodes.all = List.of(new Member("a", Presence.ONLINE));

        // When
        groups.changed();
        groups.changed();

        // Then
        await().atMost(Duration.ofMinutes(1)).until(() -> told.size() == 200);
        assertThat(nodes.selections).hasValue(before + 1);
    }

    @Test
    void aLabelThatCannotBeLookedForKeepsNoOtherWaitWaiting() {
        // Given
        follow(List.of());
        awaitTold(" | no agent has this label");
        groups.follow(CLIENTS, "another builder", List.of(), (present, absent) -> {
            throw new IllegalStateException("broken");
        });

        // When
        become(new Member("a", Presence.ONLINE));
        awaitTold(" | no agent has this label", "a | null");
        become(new Member("b", Presence.ONLINE));

        // Then
        awaitTold(" | no agent has this label", "a | null", "b | null");
    }

    private static final class ScriptedNodes implements AgentGroups.Nodes {

        private final AtomicInteger selections = new AtomicInteger();
        private volatile List<Member> all = List.of();

        @Override
        public List<Member> select(AgentSelection selection, @Nullable Object builder) {
            selections.incrementAndGet();
            return all;
        }

        @Override
        public String reason(AgentSelection selection) {
            return "no agent has this label";
        }
    }
}
