package io.jenkins.plugins.cvmfs.notify.proxy.broker.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a model: the last so many ids in a queue. */
class SeenIdsTest {

    private static final int ADDED = 5000;

    private final Random random = new Random(7);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 63, 64, 65, 100, 128, 1000})
    void theLastOnesAreKnownAndNoOthers(int capacity) {
        SeenIds seen = new SeenIds(capacity);
        Deque<UUID> last = new ArrayDeque<>();

        for (int i = 0; i < ADDED; i++) {
            UUID id = i % 2 == 0 ? new UUID(random.nextLong(), random.nextLong()) : new UUID(3, i);
            seen.add(id);
            last.add(id);
            if (last.size() > capacity) {
                assertThat(seen.contains(last.remove())).isFalse();
            }
            if (i % 100 == 0) {
                assertThat(last).allMatch(seen::contains);
            }
        }

        assertThat(last).allMatch(seen::contains);
        assertThat(seen.contains(new UUID(1, 1))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 100})
    void whatIsAddedAgainTakesNobodysPlace(int capacity) {
        SeenIds seen = new SeenIds(capacity);
        for (int i = 0; i < capacity; i++) {
            seen.add(new UUID(0, i));
        }

        for (int i = 0; i < capacity; i++) {
            seen.add(new UUID(0, capacity - 1));
        }

        assertThat(seen.contains(new UUID(0, 0))).isTrue();
    }

    /** All of them begin their search at a few places, so that each removal must move others up. */
    @ParameterizedTest
    @ValueSource(ints = {50, 64})
    void idsThatCollideAreToldApart(int capacity) {
        SeenIds seen = new SeenIds(capacity);
        Deque<UUID> last = new ArrayDeque<>();

        for (int i = 0; i < ADDED; i++) {
            // high ^ rotated low is the same for all of one i % 3
            UUID id = new UUID(Long.rotateLeft(i, 32) ^ (i % 3), i);
            seen.add(id);
            last.add(id);
            if (last.size() > capacity) {
                assertThat(seen.contains(last.remove())).isFalse();
            }
            assertThat(last).allMatch(seen::contains);
        }
    }
}
