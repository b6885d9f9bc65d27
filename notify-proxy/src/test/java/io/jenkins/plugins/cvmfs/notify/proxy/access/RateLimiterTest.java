package io.jenkins.plugins.cvmfs.notify.proxy.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimiterTest {

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final RateLimiter<String> limit = new RateLimiter<>(2, now::get);

    private int takeAll(String key) {
        int taken = 0;
        while (taken < 1000 && limit.take(key).isEmpty()) {
            taken++;
        }
        return taken;
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Test
    void tenSecondsWorthMayComeAtOnceAndThenAsMuchAsTimeBrings() {
        assertThat(takeAll("a")).isEqualTo(20);

        pass(Duration.ofMillis(499));
        assertThat(limit.take("a")).contains(Duration.ofMillis(1));
        pass(Duration.ofMillis(1));
        assertThat(takeAll("a")).isEqualTo(1);
        pass(Duration.ofDays(1));
        assertThat(takeAll("a")).isEqualTo(20);
    }

    @Test
    void whatIsRefusedCostsNothing() {
        takeAll("a");
        for (int i = 0; i < 100; i++) {
            limit.take("a");
        }

        pass(Duration.ofMillis(500));

        assertThat(limit.take("a")).isEmpty();
    }

    @Test
    void oneDoesNotUseUpAnothersTurns() {
        takeAll("a");

        assertThat(takeAll("b")).isEqualTo(20);
    }

    @Test
    void thereIsNoLimitAtZero() {
        RateLimiter<String> none = new RateLimiter<>(0);

        for (int i = 0; i < 100_000; i++) {
            assertThat(none.take("a")).isEmpty();
        }
        assertThat(none.kept()).isZero();
    }

    @Test
    void thoseWhoDoNotFitShareOneAllowanceUntilOthersAreForgotten() {
        for (int i = 0; i < RateLimiter.MOST_KEYS; i++) {
            limit.take("many" + i);
        }

        assertThat(takeAll("late") + takeAll("later")).isEqualTo(20);
        assertThat(limit.kept()).isEqualTo(RateLimiter.MOST_KEYS + 1);

        pass(Duration.ofSeconds(11));
        assertThat(takeAll("latest")).isEqualTo(20);
        assertThat(limit.kept()).isLessThan(10);
    }
}
