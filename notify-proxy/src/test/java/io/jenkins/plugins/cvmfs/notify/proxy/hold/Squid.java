package io.jenkins.plugins.cvmfs.notify.proxy.hold;

import io.jenkins.plugins.cvmfs.notify.proxy.FreePort;
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
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A Squid of the distribution on a free port of the loopback, with a memory cache and a folder of its own, as a site has it. */
final class Squid implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final int port = FreePort.find();
    private final Process process;

    private Squid(Path program) throws IOException {
        // Started as root, it writes as another user.
        Path folder = Files.createTempDirectory(
                "squid", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        Path config = Files.writeString(folder.resolve("squid.conf"), """
                http_port 127.0.0.1:%d
                http_access allow all
                cache_mem 16 MB
                access_log none
                cache_log %s/cache.log
                pid_filename none
                coredump_dir %s
                pinger_enable off
                shutdown_lifetime 1 second
                visible_hostname squid.example.org
                """.formatted(port, folder, folder));
        process = new ProcessBuilder(program.toString(), "-N", "-f", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        Awaitility.await().atMost(START_LIMIT).until(() -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("Squid ended: " + Files.readString(folder.resolve("output")));
            }
            return answers();
        });
    }

    /** @throws UnavailableException if there is none and none may be installed */
    static Squid start() throws UnavailableException {
        try {
            return new Squid(Programs.findOrInstall("squid", () -> Programs.find("squid")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean answers() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    @Override
    public void close() {
        List<ProcessHandle> all = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
        all.forEach(ProcessHandle::destroyForcibly);
    }
}
