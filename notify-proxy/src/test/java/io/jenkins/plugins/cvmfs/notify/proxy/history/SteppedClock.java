package io.jenkins.plugins.cvmfs.notify.proxy.history;

import io.jenkins.plugins.cvmfs.notify.proxy.NotifyProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * The clock of a proxy in a process of its own, which is stepped from outside through a file. Only the time of day steps, as when an
 * administrator sets it; the JVM's monotonic clock goes on. The class is the main program of that process, too: the packaged jar with
 * this clock in place of the machine's. (Faking the system calls, as libfaketime does, also ends every timed wait of a JVM at once.)
 */
final class SteppedClock extends Clock {

    private final Path file;

    private SteppedClock(Path file) {
        this.file = file;
    }

    /** Returns one that is right, and keeps its file in this folder. */
    static SteppedClock in(Path folder) throws IOException {
        SteppedClock clock = new SteppedClock(folder.resolve("clock"));
        clock.step(Duration.ZERO);
        return clock;
    }

    /** Sets it to that long after the time of the machine. */
    void step(Duration offset) throws IOException {
        Path next = Files.writeString(file.resolveSibling("clock.next"), offset.toString());
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The arguments of {@link #main} for a configuration file. */
    List<String> arguments(Path config) {
        return List.of(file.toString(), config.toString());
    }

    /** Copies this class alone into a folder, for the class path of a process: the tests' other files would change its log. */
    static Path copyTo(Path folder) throws IOException {
        String name = SteppedClock.class.getName().replace('.', '/') + ".class";
        Path copy = folder.resolve(name);
        Files.createDirectories(copy.getParent());
        try (InputStream in = SteppedClock.class.getResourceAsStream("/" + name)) {
            Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
        }
        return folder;
    }

    @Override
    public Instant instant() {
        try {
            return Instant.now().plus(Duration.parse(Files.readString(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException();
    }

    /**
     * Serves until it is killed, and prints the address as the command does.
     *
     * @param arguments the clock's file and the configuration
     */
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Clock clock = new SteppedClock(Path.of(arguments[0]));
        ProxyConfig config = ConfigLoader.load(
                        new ConfigSources(Optional.of(Path.of(arguments[1])), Map.of(), List.of()))
                .config();
        try (NotifyProxy proxy = new NotifyProxy(config, clock)) {
            proxy.start();
            System.out.println(
                    "listening on http://127.0.0.1:" + proxy.address().getPort());
            new CountDownLatch(1).await();
        }
    }
}
