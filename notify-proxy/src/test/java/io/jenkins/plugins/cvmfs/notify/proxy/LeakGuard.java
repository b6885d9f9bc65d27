package io.jenkins.plugins.cvmfs.notify.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test class after which a buffer was collected that had not been released. */
public final class LeakGuard implements AfterAllCallback {

    @Override
    public void afterAll(ExtensionContext context) {
        assertThat(ResourceLeakDetector.getLevel())
                .as("set by the build; set -Dio.netty.leakDetection.level=paranoid elsewhere")
                .isEqualTo(ResourceLeakDetector.Level.PARANOID);
        System.gc();
        // The detector reports what was collected when the next buffer is made.
        ByteBufAllocator.DEFAULT.directBuffer(1).release();
        assertThat(RecordingLeakDetector.LEAKS).isEmpty();
    }
}
