package io.jenkins.plugins.cvmfs.notify.proxy.abuse;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Throws bad inputs at a target, each made from valid ones. The target throws if the input did what no input may do. No input
 * may allocate more than {@link #MOST_ALLOCATED_BYTES}, and none may hang.
 *
 * <p>Every run uses the same inputs, except under the profile {@code abuse}, which takes more of them with a new seed. A failure names
 * the seed and the input; {@code -Dfuzz.seed=…} repeats it.
 */
public final class Fuzz {

    /** The most bytes that one input may make the target allocate, a thousand times what a valid one does. */
    private static final long MOST_ALLOCATED_BYTES = 64L << 20;

    private static final long LONGEST_SILENCE_MILLIS = 120_000;
    private static final long USUAL_SEED = 20_261_124L;
    private static final int LONGEST_SHOWN = 2_000;

    /** Makes seeds that lie close together far apart: else they would begin alike. */
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final List<byte[]> good;
    private final List<byte[]> words = new ArrayList<>();

    private Fuzz(List<byte[]> good) {
        this.good = good;
    }

    /** Begins with these. */
    public static Fuzz of(byte[]... good) {
        return new Fuzz(List.of(good));
    }

    /** Begins with these; one byte for each character. */
    public static Fuzz of(String... good) {
        return new Fuzz(
                Arrays.stream(good).map(text -> text.getBytes(ISO_8859_1)).toList());
    }

    /** Also puts in these, which mean something to the target; one byte for each character. */
    public Fuzz words(String... latin1) {
        Arrays.stream(latin1).map(text -> text.getBytes(ISO_8859_1)).forEach(words::add);
        return this;
    }

    /** What is done with an input. */
    @FunctionalInterface
    public interface Target {

        /**
         * Takes one input.
         *
         * @param random for what else the test wants to choose; the same for the same input
         */
        void take(byte[] input, Random random) throws Exception;
    }

    /**
     * Throws so many inputs at the target, or a multiple of them under the profile {@code abuse}.
     *
     * @param count of the short form
     */
    public void each(int count, Target target) {
        long seed = Optional.ofNullable(Long.getLong("fuzz.seed"))
                .orElseGet(() -> Effort.isLong() ? new Random().nextLong() : USUAL_SEED);
        Run run = new Run(new Damage(good, words), target, seed, Effort.times(count));
        Thread thread = new Thread(run, Thread.currentThread().getName() + "-fuzz");
        thread.setDaemon(true);
        thread.start();
        run.await(thread);
    }

    /** The inputs one after the other, on a thread that may hang. */
    private static final class Run implements Runnable {

        private final Damage damage;
        private final Target target;
        private final long seed;
        private final long count;
        private final AtomicReference<byte[]> current = new AtomicReference<>(new byte[0]);
        private volatile @Nullable Throwable failure;

        Run(Damage damage, Target target, long seed, long count) {
            this.damage = damage;
            this.target = target;
            this.seed = seed;
            this.count = count;
        }

        @Override
        public void run() {
            try {
                for (long i = 0; i < count; i++) {
                    Random random = new Random((seed + i) * SPREAD);
                    byte[] input = damage.next(random);
                    current.set(input);
                    take(input, random);
                }
            } catch (Throwable e) {
                failure = e;
            }
        }

        private void take(byte[] input, Random random) throws Exception {
            long allocated = THREADS.getCurrentThreadAllocatedBytes();
            target.take(input, random);
            assertThat(THREADS.getCurrentThreadAllocatedBytes() - allocated)
                    .as("bytes allocated")
                    .isLessThan(MOST_ALLOCATED_BYTES);
        }

        void await(Thread thread) {
            try {
                byte[] seen;
                do {
                    seen = current.get();
                    thread.join(LONGEST_SILENCE_MILLIS);
                } while (thread.isAlive() && current.get() != seen);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (thread.isAlive()) {
                throw new AssertionError(describe("hangs in\n"
                        + String.join(
                                "\n",
                                Arrays.stream(thread.getStackTrace())
                                        .map(String::valueOf)
                                        .toList())));
            }
            if (failure != null) {
                throw new AssertionError(describe("fails: " + failure), failure);
            }
        }

        private String describe(String what) {
            byte[] input = current.get();
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < Math.min(input.length, LONGEST_SHOWN); i++) {
                char c = (char) (input[i] & 0xff);
                text.append(c >= ' ' && c < 0x7f ? String.valueOf(c) : "\\x%02x".formatted((int) c));
            }
            return "An input %s%nrun again with -Dfuzz.seed=%d; the input, of %d bytes:%n%s%nin base64: %s"
                    .formatted(
                            what,
                            seed,
                            input.length,
                            text,
                            Base64.getEncoder()
                                    .encodeToString(Arrays.copyOf(input, Math.min(input.length, LONGEST_SHOWN))));
        }
    }
}
