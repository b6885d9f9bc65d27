package io.jenkins.plugins.cvmfs.notify.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBufAllocator;
import org.junit.jupiter.api.Test;

class LeakGuardTest {

    @Test
    void aBufferThatNobodyReleasesIsFound() {
        ByteBufAllocator.DEFAULT.directBuffer(17).writeByte(1);

        await().untilAsserted(() -> {
            System.gc();
            ByteBufAllocator.DEFAULT.directBuffer(1).release();
            assertThat(RecordingLeakDetector.LEAKS).isNotEmpty();
        });

        RecordingLeakDetector.LEAKS.clear();
    }
}
