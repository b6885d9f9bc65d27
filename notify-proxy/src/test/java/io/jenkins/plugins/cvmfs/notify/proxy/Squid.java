package io.jenkins.plugins.cvmfs.notify.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Programs;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.UnavailableException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A site's HTTP cache: the distribution's Squid on a free port of the loopback, with its cache in memory. */
public final class Squid implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    private final Path folder;
    private final Process process;
    private final int port;

    private Squid(Path folder, Process process, int port) {
        this.folder = folder;
        this.process = process;
        this.port = port;
    }

    /** Starts a Squid and waits until it accepts connections. Without a Squid on this machine the test is skipped. */
    public static Squid start() throws IOException {
        Path program;
        try {
            program = Programs.findOrInstall("squid", () -> Programs.find("squid"));
        } catch (UnavailableException e) {
            return Assumptions.abort("no Squid: " + e.getMessage());
        }
        int port = FreePort.find();
        // Squid gives up root, and must still write here.
        Path folder = Files.createTempDirectory("squid-test");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path config = Files.writeString(folder.resolve("squid.conf"), """
            http_port 127.0.0.1:%1$d
            http_access allow localhost
            http_access deny all
            cache_mem 16 MB
            access_log stdio:%2$s/access.log logformat=squid
            cache_log %2$s/cache.log
            pid_filename %2$s/squid.pid
            coredump_dir %2$s
            pinger_enable off
            visible_hostname squid.test
            shutdown_lifetime 0 seconds
            """.formatted(port, folder));
        Process process = new ProcessBuilder(program.toString(), "-N", "-f", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        Squid squid = new Squid(folder, process, port);
        await().atMost(START_LIMIT).until(squid::isUp);
        return squid;
    }

    private boolean isUp() throws IOException {
        if (!process.isAlive()) {
            throw new IllegalStateException("squid ended: " + Files.readString(folder.resolve("output"), UTF_8));
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Its URL, as in {@code CVMFS_HTTP_PROXY}. */
    public String url() {
        return "http://127.0.0.1:" + port;
    }

    public InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
