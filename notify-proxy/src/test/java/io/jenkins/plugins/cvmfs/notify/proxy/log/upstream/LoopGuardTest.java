package io.jenkins.plugins.cvmfs.notify.proxy.log.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.message.RelayPath;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopGuardTest {

    /** Who follows which relay; one that follows a name without a guard follows the top. */
    private final Map<String, LoopGuard> guards = new HashMap<>();

    private final Map<String, Boolean> following = new ConcurrentHashMap<>();

    @AfterEach
    void close() {
        guards.values().forEach(LoopGuard::close);
    }

    private void relays(String... idsAndUpstreams) {
        for (int i = 0; i < idsAndUpstreams.length; i += 2) {
            String id = idsAndUpstreams[i];
            String upstream = idsAndUpstreams[i + 1];
            guards.put(
                    id,
                    new LoopGuard(
                            id,
                            () -> CompletableFuture.completedFuture(
                                    new RelayPath(Optional.ofNullable(guards.get(upstream))
                                            .map(LoopGuard::relays)
                                            .orElse(List.of()))),
                            Duration.ofMillis(20),
                            loop -> following.put(id, loop.isEmpty())));
        }
        new ArrayList<>(guards.values()).forEach(LoopGuard::ask);
    }

    @Test
    void aChainTellsItsRelaysFromTheBottomUp() {
        relays("site", "region", "region", "country", "country", "top");

        await().until(() -> guards.get("site").relays().equals(List.of("site", "region", "country")));
        assertThat(following)
                .containsOnly(Map.entry("site", true), Map.entry("region", true), Map.entry("country", true));
    }

    @Test
    void aRelayOfItselfDoesNotFollow() {
        relays("self", "self");

        await().until(() -> following.equals(Map.of("self", false)));
        assertThat(guards.get("self").loop()).hasValue("self > self");
    }

    @Test
    void ofALoopOneRelayStopsAndTheOthersContinue() {
        relays("b", "c", "c", "a", "a", "b", "below", "b");

        await().until(() -> Boolean.FALSE.equals(following.get("a")));
        await().until(() -> guards.get("below").relays().equals(List.of("below", "b", "c", "a")));
        assertThat(guards.get("a").loop())
                .hasValueSatisfying(loop -> assertThat(loop).isEqualTo("a > b > c > a"));
        assertThat(following).containsAllEntriesOf(Map.of("b", true, "c", true, "below", true));
    }

    @Test
    void anUpstreamThatDoesNotTellIsTheTop() {
        LoopGuard guard = new LoopGuard(
                "site",
                () -> CompletableFuture.failedFuture(new IllegalStateException("404")),
                Duration.ofMillis(20),
                loop -> following.put("site", loop.isEmpty()));
        guards.put("site", guard);
        guard.ask();

        await().until(() -> Boolean.TRUE.equals(following.get("site")));
        assertThat(guard.relays()).containsExactly("site");
    }
}
