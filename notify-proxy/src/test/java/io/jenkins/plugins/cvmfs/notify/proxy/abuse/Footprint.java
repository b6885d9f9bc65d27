package io.jenkins.plugins.cvmfs.notify.proxy.abuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * The resources of this process: descriptors, threads, live heap, direct memory. The proxy and its clients share the test's JVM, so a
 * test takes one before its clients connect and compares after they have left. Only descriptors are asserted; the other figures are
 * for the report.
 *
 * @param descriptors open files and sockets; 0 without {@code /proc}
 * @param heapBytes live heap after a collection
 * @param directBytes memory that Netty's allocator has reserved
 */
public record Footprint(long descriptors, int threads, long heapBytes, long directBytes) {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final int SPARE_DESCRIPTORS = 20;

    /** Measures the process now, after a garbage collection. */
    public static Footprint now() {
        System.gc();
        return new Footprint(
                openDescriptors(),
                ManagementFactory.getThreadMXBean().getThreadCount(),
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                        .metric()
                        .usedDirectMemory());
    }

    private static long openDescriptors() {
        if (!Files.isDirectory(DESCRIPTORS)) {
            return 0;
        }
        try (Stream<Path> open = Files.list(DESCRIPTORS)) {
            return open.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the descriptors are closed again, except for a few that pools may keep. */
    public void awaitDescriptorsClosed() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(openDescriptors())
                        .as("open descriptors")
                        .isLessThanOrEqualTo(descriptors + SPARE_DESCRIPTORS));
    }
}
