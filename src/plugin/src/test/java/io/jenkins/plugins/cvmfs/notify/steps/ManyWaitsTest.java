package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitingRoom;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitingSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ManyWaitsTest {

    private static final int WAITS = 10_000;

    @Test
    void tenThousandWaitsHoldNoThreadEach() {
        // Given
        int before = Thread.activeCount();
        RecordingBuild build = new RecordingBuild();
        List<RevisionWait> waits = new ArrayList<>();
        try (Network network = Network.builder().build();
                WaitingRoom room = WaitingRoom.open(
                        network.repositoryReader(),
                        network::subscriber,
                        WaitingSettings.DEFAULT,
                        Clock.systemUTC(),
                        new Random(1))) {
            // When
            for (int i = 0; i < WAITS; i++) {
                WaitState state = Samples.request(7L)
                        .begin(Samples.directory(), Clock.systemUTC().instant());
                RevisionWait wait =
                        new RevisionWait(state, build, (server, known, listener) -> room.enter(known, null, listener));
                wait.begin(Samples.directory());
                waits.add(wait);
            }

            // Then
            assertThat(room.counts().gates()).isEqualTo(WAITS);
            assertThat(Thread.activeCount() - before).isLessThan(30);
            waits.forEach(RevisionWait::stop);
            await().atMost(Duration.ofMinutes(1)).until(() -> room.counts().gates() == 0);
        }
        assertThat(build.endings).isEmpty();
    }
}
