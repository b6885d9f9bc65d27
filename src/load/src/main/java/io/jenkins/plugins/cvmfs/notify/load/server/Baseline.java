package io.jenkins.plugins.cvmfs.notify.load.server;

import io.jenkins.plugins.cvmfs.notify.load.generator.Numbered;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** A way to make messages durable, or to pass them on, without a service. */
public interface Baseline {

    /** Returns the name in the tables. */
    String title();

    /** Returns where a counted message is stored. */
    String durability();

    /**
     * Measures once, after a warm-up.
     *
     * @return numbers by name; a name ends in its unit
     */
    Map<String, Double> measure() throws IOException;

    /**
     * A file to which one message after the other is appended and forced.
     *
     * @param folder on the disk that is measured
     * @param seconds how long
     */
    record FsyncEach(Path folder, double seconds) implements Baseline {

        @Override
        public String title() {
            return "one fsync each";
        }

        @Override
        public String durability() {
            return "fsync";
        }

        @Override
        public Map<String, Double> measure() throws IOException {
            Path file = Files.createTempFile(folder, "load", ".log");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                ByteBuffer message = ByteBuffer.allocateDirect(Numbered.BYTES);
                long start = System.nanoTime();
                long end = start + (long) (seconds * 1e9);
                long count = 0;
                while (System.nanoTime() < end) {
                    do {
                        channel.write(message);
                    } while (message.hasRemaining());
                    message.rewind();
                    channel.force(false);
                    count++;
                }
                return Map.of("confirmedPerSecond", count / ((System.nanoTime() - start) / 1e9));
            } finally {
                Files.delete(file);
            }
        }
    }
}
