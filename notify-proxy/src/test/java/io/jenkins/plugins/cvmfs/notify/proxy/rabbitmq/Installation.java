package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The programs of a RabbitMQ on this machine. Debian and the RPM distributions put a script in front of them that only root and
 * the service's user may call and that runs everything as that user; so it is passed by.
 *
 * @param scripts the folder of {@code rabbitmq-server} and {@code rabbitmqctl}
 * @param epmd the Erlang port mapper
 */
record Installation(Path scripts, Path epmd) {

    private static final Path BEHIND_THE_WRAPPER = Path.of("/usr/lib/rabbitmq/bin");

    /** Finds them, or installs them if they are missing and we are root. */
    static Installation find() throws UnavailableException {
        Optional<Path> server = server();
        if (server.isEmpty()) {
            install();
            server = server();
        }
        Path scripts = server.orElseThrow(() -> new UnavailableException("the rabbitmq-server program is missing"))
                .getParent();
        return new Installation(scripts, portMapper());
    }

    private static Optional<Path> server() {
        Path behind = BEHIND_THE_WRAPPER.resolve("rabbitmq-server");
        return Files.isExecutable(behind)
                ? Optional.of(behind)
                : Programs.find("rabbitmq-server").map(Installation::resolved);
    }

    private static Path resolved(Path link) {
        try {
            return link.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path portMapper() throws UnavailableException {
        Optional<Path> onPath = Programs.find("epmd");
        return onPath.or(() -> Stream.of("/usr/lib/erlang", "/usr/lib64/erlang", "/usr/local/lib/erlang")
                        .map(Path::of)
                        .flatMap(Installation::portMappers)
                        .findFirst())
                .orElseThrow(() -> new UnavailableException("Erlang's epmd program is missing"));
    }

    private static Stream<Path> portMappers(Path erlang) {
        if (!Files.isDirectory(erlang)) {
            return Stream.empty();
        }
        try (Stream<Path> folders = Files.list(erlang)) {
            return folders.map(folder -> folder.resolve("bin/epmd")).filter(Files::isExecutable).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void install() throws UnavailableException {
        if (!System.getProperty("user.name").equals("root")) {
            throw new UnavailableException("the rabbitmq-server program is missing, and only root could install it");
        }
        try {
            if (Programs.find("apt-get").isPresent()) {
                BrokerSearch.announce("Installing rabbitmq-server with apt-get, for tests");
                withoutStartingServices(Installation::installWithApt);
            } else {
                installWithRpm();
            }
        } catch (IllegalStateException e) {
            throw new UnavailableException(
                    "the rabbitmq-server program is missing and cannot be installed: " + e.getMessage());
        }
    }

    private static void installWithApt() {
        Map<String, String> quiet = Map.of("DEBIAN_FRONTEND", "noninteractive");
        Programs.run(List.of("apt-get", "-q", "update"), quiet);
        Programs.run(List.of("apt-get", "-q", "-y", "--no-install-recommends", "install", "rabbitmq-server"), quiet);
    }

    /** There, packages do not start their services. */
    private static void installWithRpm() throws UnavailableException {
        Path tool = Programs.find("dnf")
                .or(() -> Programs.find("yum"))
                .orElseThrow(() -> new UnavailableException(
                        "the rabbitmq-server program is missing, and there is no apt-get, dnf or yum to install it"));
        BrokerSearch.announce("Installing rabbitmq-server with " + tool + ", for tests");
        Programs.run(List.of(tool.toString(), "-q", "-y", "install", "rabbitmq-server"));
    }

    /** Debian's packages ask {@code policy-rc.d} before they start a service; 101 is no. */
    private static void withoutStartingServices(Runnable installing) {
        Path policy = Path.of("/usr/sbin/policy-rc.d");
        boolean isOurs = !Files.exists(policy);
        try {
            if (isOurs) {
                Files.writeString(policy, "#!/bin/sh\nexit 101\n");
                Files.setPosixFilePermissions(policy, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
            installing.run();
        } catch (IOException e) {
            throw new IllegalStateException(policy + " cannot be written", e);
        } finally {
            if (isOurs) {
                policy.toFile().delete();
            }
        }
        disableAtBoot();
    }

    private static void disableAtBoot() {
        if (Files.isDirectory(Path.of("/run/systemd/system"))) {
            Programs.run(List.of("systemctl", "disable", "rabbitmq-server.service"));
        }
    }
}
