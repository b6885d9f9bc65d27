package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PeerProbesTest {

    private static final Duration INTERVAL = Duration.ofMinutes(1);
    private static final Duration HALF = INTERVAL.multipliedBy(PeerProbes.MISSING_PROBES / 2);

    private long nanos;
    private final PeerProbes probes = new PeerProbes(INTERVAL, () -> nanos);

    @Test
    void onlyAKeyWhoseProbesHaveStoppedIsSilentAndOnlyOnce() {
        probes.read("killed");
        probes.read("alive");
        nanos += HALF.toNanos();
        probes.read("alive");
        assertThat(probes.takeSilent(10)).isEmpty();

        nanos += HALF.plus(INTERVAL).toNanos();

        assertThat(probes.takeSilent(10)).containsExactly("killed");
        assertThat(probes.takeSilent(10)).isEmpty();
    }

    @Test
    void inAStreamFullOfOldKeysThereIsRoomForOthersOnceTheyAreSilent() {
        for (int i = 0; i < PeerProbes.CAPACITY; i++) {
            probes.read("old" + i);
        }
        probes.read("killed");
        nanos += HALF.multipliedBy(3).toNanos();

        assertThat(probes.takeSilent(2)).containsExactly("old0", "old1");
        probes.read("killed");
        probes.read("old5");
        assertThat(probes.takeSilent(PeerProbes.CAPACITY))
                .hasSize(PeerProbes.CAPACITY - 3)
                .doesNotContain("old5");
        nanos += HALF.multipliedBy(3).toNanos();
        assertThat(probes.takeSilent(10)).containsExactly("killed", "old5");
    }
}
