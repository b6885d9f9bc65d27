package io.jenkins.plugins.cvmfs.notify.client.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackOffTest {

    private static List<Duration> pauses(BackOff backOff, int count) {
        return Stream.generate(backOff::next).limit(count).toList();
    }

    @Test
    void pausesGrowUpToTheLongest() {
        BackOff backOff = new BackOff(Duration.ofSeconds(1), Duration.ofSeconds(5), () -> 1);

        assertThat(pauses(backOff, 5)).extracting(Duration::toSeconds).containsExactly(1L, 2L, 4L, 5L, 5L);
    }

    @Test
    void thePauseIsAtLeastHalfOfItsRange() {
        BackOff backOff = new BackOff(Duration.ofSeconds(1), Duration.ofSeconds(4), () -> 0);

        assertThat(pauses(backOff, 3)).extracting(Duration::toMillis).containsExactly(500L, 1000L, 2000L);
    }

    @Test
    void aServerThatAsksForAPauseNeverShortensIt() {
        BackOff backOff = new BackOff(Duration.ofMinutes(1), Duration.ofMinutes(1), () -> 1);

        Duration pause = backOff.next(new ServerBusyException("busy", Duration.ofHours(2), null));

        assertThat(pause).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void afterAResetThePausesStartAgain() {
        BackOff backOff = new BackOff(Duration.ofSeconds(1), Duration.ofSeconds(30), () -> 1);
        pauses(backOff, 4);

        backOff.reset();

        assertThat(backOff.next()).isEqualTo(Duration.ofSeconds(1));
    }
}
