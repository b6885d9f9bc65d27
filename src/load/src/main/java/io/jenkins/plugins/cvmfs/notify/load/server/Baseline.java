package io.jenkins.plugins.cvmfs.notify.load.server;

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

    /** Returns true if it needs an installed RabbitMQ. */
    default boolean needsRabbitMq() {
        return true;
    }

    /**
     * Measures once, after a warm-up.
     *
     * @return numbers by name; a name ends in its unit
     */
    Map<String, Double> measure(int messageBytes) throws IOException;

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
        public boolean needsRabbitMq() {
            return false;
        }

        @Override
        public Map<String, Double> measure(int messageBytes) throws IOException {
            Path file = Files.createTempFile(folder, "load", ".log");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                ByteBuffer message = ByteBuffer.allocateDirect(messageBytes);
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

    /** RabbitMQ's Java client on a fresh queue or stream, named after its type. */
    interface OnQueue extends Baseline {

        String queueType();

        @Override
        default String title() {
            return "raw client, " + queueType();
        }

        @Override
        default String durability() {
            return queueType();
        }
    }
}
