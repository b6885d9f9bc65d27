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
 * What this process holds: descriptors, threads, live heap, direct memory. Everything is measured in the test's own JVM, so clients
 * count too; a test takes it before its clients come and compares when they are gone.
 *
 * @param descriptors open files and sockets; 0 where the system does not tell
 * @param heapBytes live heap after a collection
 * @param directBytes what Netty's allocator has from the system; it keeps some for later use
 */
public record Footprint(long descriptors, int threads, long heapBytes, long directBytes) {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final int SPARE_DESCRIPTORS = 20;
    private static final int SPARE_THREADS = 10;
    private static final long SPARE_BYTES = 48L << 20;

    /** As it is now. */
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

    /** Waits until all is as it was, but for a little that caches and pools may keep. */
    public void awaitReturn() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> {
                    Footprint later = now();
                    assertThat(later.descriptors)
                            .as("descriptors")
                            .isLessThanOrEqualTo(descriptors + SPARE_DESCRIPTORS);
                    assertThat(later.threads).as("threads").isLessThanOrEqualTo(threads + SPARE_THREADS);
                    assertThat(later.heapBytes).as("live heap").isLessThan(heapBytes + SPARE_BYTES);
                    assertThat(later.directBytes).as("direct memory").isLessThan(directBytes + SPARE_BYTES);
                });
    }
}
