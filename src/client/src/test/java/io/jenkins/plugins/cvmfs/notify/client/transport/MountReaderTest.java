package io.jenkins.plugins.cvmfs.notify.client.transport;

import static io.jenkins.plugins.cvmfs.notify.client.transport.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation.Mount;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader.MountedRevision;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The order and the limits of reads; a source that blocks stands for a client that is stopped. */
class MountReaderTest {

    private static final Mount SW = new Mount(Path.of("/cvmfs/sw.example.org"), null);
    private static final Mount OTHER = new Mount(Path.of("/cvmfs/other.example.org"), Path.of("releases/1"));

    private final ManualTimer timer = new ManualTimer();
    private final Stoppable source = new Stoppable();
    private final MountReader reader = new MountReader(source, timer);

    @AfterEach
    void stop() {
        source.resumed.countDown();
        reader.close();
    }

    /** Mounts that serve revision 7; the client of one is stopped, so that its read does not return and ignores interrupts. */
    private static final class Stoppable implements MountReader.Source {
        private final AtomicInteger begun = new AtomicInteger();
        private final List<Path> looked = new ArrayList<>();
        private final CountDownLatch resumed = new CountDownLatch(1);
        private volatile boolean stopped;

        @Override
        public MountedRevision read(Path root) {
            begun.incrementAndGet();
            while (stopped && root.equals(SW.root()) && resumed.getCount() > 0) {
                try {
                    resumed.await();
                } catch (InterruptedException ignored) {
                    // as native code does
                }
            }
            return new MountedRevision(new Revision(7), null, null);
        }

        @Override
        public synchronized boolean exists(Path path) {
            looked.add(path);
            return false;
        }
    }

    @Test
    void theMountsRevisionIsRead() {
        assertThat(get(reader.read(SW)).revision()).isEqualTo(new Revision(7));
    }

    @Test
    void readsOfOneMountBeginASecondApartAndThoseOfOthersAtOnce() {
        get(reader.read(SW));

        CompletableFuture<MountedRevision> second = reader.read(SW);
        CompletableFuture<MountedRevision> third = reader.read(SW);
        get(reader.read(OTHER));

        assertThat(second).isNotDone();
        timer.advance(Duration.ofMillis(999));
        assertThat(source.begun).hasValue(2);
        timer.advance(Duration.ofMillis(1));
        get(second);
        assertThat(third).isNotDone();
        timer.advance(Duration.ofSeconds(1));
        get(third);
    }

    @Test
    void aStoppedClientFailsAtTheTimeLimitAndIsNotReadAgainBeforeItReturns() {
        source.stopped = true;
        CompletableFuture<MountedRevision> stopped = reader.read(SW);
        await().until(() -> source.begun.get() == 1);

        timer.advance(MountReader.TIME_LIMIT);

        assertThatThrownBy(() -> get(stopped))
                .isInstanceOf(TransientFailureException.class)
                .hasMessage(
                        "/cvmfs/sw.example.org: no answer within 10 s; its CernVM-FS client is stopped or overloaded");
        timer.advance(Duration.ofSeconds(60));
        assertThatThrownBy(() -> get(reader.read(SW)))
                .hasMessage(
                        "/cvmfs/sw.example.org: an earlier read has not returned; its CernVM-FS client is stopped or"
                                + " overloaded");
        assertThat(source.begun).hasValue(1);
        // Another mount has its own thread.
        get(reader.read(OTHER));
    }

    @Test
    void aClientThatGoesOnIsReadAgain() {
        source.stopped = true;
        CompletableFuture<MountedRevision> stopped = reader.read(SW);
        await().until(() -> source.begun.get() == 1);
        timer.advance(MountReader.TIME_LIMIT);
        source.resumed.countDown();

        await().until(() -> succeeds(reader.read(SW)));

        assertThat(stopped).isCompletedExceptionally();
    }

    private boolean succeeds(CompletableFuture<MountedRevision> read) {
        timer.advance(Duration.ofSeconds(1));
        try {
            return get(read).revision().equals(new Revision(7));
        } catch (TransientFailureException notYet) {
            return false;
        }
    }

    @Test
    void aPathIsLookedForInTheRepository() {
        assertThat(get(reader.pathPresent(OTHER))).isFalse();
        assertThat(get(reader.pathPresent(SW))).isTrue();

        assertThat(source.looked).containsExactly(Path.of("/cvmfs/other.example.org/releases/1"));
    }

    @Test
    void closingCancelsAReadThatDoesNotReturn() {
        source.stopped = true;
        CompletableFuture<MountedRevision> stopped = reader.read(SW);
        await().until(() -> source.begun.get() == 1);

        reader.close();

        assertThat(stopped).isCancelled();
        assertThat(reader.read(SW)).isCompletedExceptionally();
    }

    @Test
    void readsThatPileUpAreRefused() {
        source.stopped = true;
        CompletableFuture<MountedRevision> unused = reader.read(SW);
        await().until(() -> source.begun.get() == 1);
        List<CompletableFuture<Boolean>> looks = new ArrayList<>();
        for (int i = 0; i < 17; i++) {
            looks.add(reader.pathPresent(new Mount(SW.root(), Path.of("releases"))));
        }

        assertThat(looks.get(15)).isNotDone();
        assertThatThrownBy(() -> get(looks.get(16))).hasMessage("/cvmfs/sw.example.org: 16 reads are waiting already");
        assertThat(source.begun).hasValue(1);
    }

    @Test
    void aMountThatIsNoLongerReadIsForgotten() {
        get(reader.read(SW));
        await().until(() -> !timer.delays().isEmpty());

        timer.advance(Duration.ofSeconds(20));

        assertThat(reader.mounts()).isZero();
    }
}
