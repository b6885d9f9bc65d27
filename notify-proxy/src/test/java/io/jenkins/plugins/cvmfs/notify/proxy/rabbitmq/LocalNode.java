package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.proxy.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A private RabbitMQ node on loopback: everything it writes is in one temporary folder, and its port mapper, name and cookie are
 * its own, so it cannot meet another node of the machine.
 */
final class LocalNode implements OwnedBroker {

    private static final int LAUNCH_ATTEMPTS = 3;

    private final Installation programs;
    private final Path folder;
    private final Place place;
    private final NodeFiles.Ports ports;
    private final int distributionPort = FreePort.find();
    private Optional<Process> mapper = Optional.empty();
    private Optional<Process> script = Optional.empty();

    /**
     * The name and address of a node.
     *
     * @param name before the {@code @} of its name
     * @param address of the loopback, to listen on
     * @param amqpPort TCP port
     * @param mapperPort TCP port of the port mapper, the same for nodes of one cluster
     */
    record Place(String name, String address, int amqpPort, int mapperPort) {

        private static Place alone() {
            int port = FreePort.find();
            String name =
                    "cvmfs-notify-test-%d-%d".formatted(ProcessHandle.current().pid(), port);
            return new Place(name, "127.0.0.1", port, FreePort.find());
        }

        String nodeName() {
            return name + "@localhost";
        }
    }

    /**
     * The programs of a RabbitMQ on this machine. The packages of Debian and of the RPM distributions put a script before them that only
     * root and the service's user may call, and that runs everything as that user; it is bypassed.
     *
     * @param scripts the folder of {@code rabbitmq-server} and {@code rabbitmqctl}
     * @param epmd the Erlang port mapper
     */
    record Installation(Path scripts, Path epmd) {

        private static final Path BEHIND_THE_WRAPPER = Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server");

        static Installation find() throws UnavailableException {
            Path server = Programs.findOrInstall("rabbitmq-server", Installation::server);
            Path mapper = portMapper().orElseThrow(() -> new UnavailableException("Erlang's program epmd is missing"));
            return new Installation(server.getParent(), mapper);
        }

        private static Optional<Path> server() {
            return Files.isExecutable(BEHIND_THE_WRAPPER)
                    ? Optional.of(BEHIND_THE_WRAPPER)
                    : Programs.find("rabbitmq-server").map(Installation::resolved);
        }

        private static Path resolved(Path link) {
            try {
                return link.toRealPath();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static Optional<Path> portMapper() {
            return Programs.find("epmd")
                    .or(() -> Stream.of("/usr/lib/erlang", "/usr/lib64/erlang", "/usr/local/lib/erlang")
                            .map(Path::of)
                            .filter(Files::isDirectory)
                            .flatMap(Installation::portMappers)
                            .findFirst());
        }

        private static Stream<Path> portMappers(Path erlang) {
            try (Stream<Path> folders = Files.list(erlang)) {
                return folders.map(folder -> folder.resolve("bin/epmd")).filter(Files::isExecutable).toList().stream();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private LocalNode(Installation programs, Path folder, Place place) {
        this.programs = programs;
        this.folder = folder;
        this.place = place;
        this.ports = new NodeFiles.Ports(place.amqpPort(), FreePort.find(), FreePort.find(), FreePort.find());
    }

    /** Starts a settled node. RabbitMQ needs to know its ports in advance, so it is started again if one is taken meanwhile. */
    static OwnedBroker launch() throws UnavailableException {
        Installation programs = Installation.find();
        for (int attempt = 1; ; attempt++) {
            try {
                OwnedBroker node = launch(programs, Place.alone());
                node.settle();
                return node;
            } catch (IllegalStateException e) {
                if (attempt == LAUNCH_ATTEMPTS
                        || !String.valueOf(e.getMessage()).contains("eaddrinuse")) {
                    throw e;
                }
            }
        }
    }

    private static OwnedBroker launch(Installation programs, Place place) {
        try {
            return launch(programs, place, Files.createTempDirectory("cvmfs-notify-rabbitmq-"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a node that may still join a cluster; the caller settles it. */
    static OwnedBroker launch(Installation programs, Place place, Path folder) {
        try {
            LocalNode node = new LocalNode(programs, folder, place);
            NodeFiles.write(folder, folder.toString(), place.address(), node.ports);
            Files.writeString(folder.resolve("enabled_plugins"), "[].\n");
            node.start();
            return node;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts a settled node that keeps everything in this folder. */
    static OwnedBroker launchIn(Path folder) throws UnavailableException {
        OwnedBroker node = launch(Installation.find(), Place.alone(), folder);
        node.settle();
        return node;
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        environment.put("HOME", folder.toString());
        environment.put("ERL_EPMD_PORT", Integer.toString(place.mapperPort()));
        environment.put("ERL_EPMD_ADDRESS", "127.0.0.1");
        environment.put("RABBITMQ_NODENAME", place.nodeName());
        environment.put(
                "RABBITMQ_ERLANG_COOKIE",
                "cvmfs-notify-test-" + ProcessHandle.current().pid());
        environment.put("RABBITMQ_DIST_PORT", Integer.toString(distributionPort));
        environment.put(
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                "-kernel inet_dist_use_interface {127,0,0,1} -kernel net_ticktime 8 +S 1:1");
        environment.put("RABBITMQ_CTL_ERL_ARGS", "+S 1:1");
        environment.put("RABBITMQ_CONF_ENV_FILE", "/dev/null");
        environment.put("RABBITMQ_CONFIG_FILE", folder.resolve("rabbitmq.conf").toString());
        environment.put("RABBITMQ_ADVANCED_CONFIG_FILE", folder.resolve("none").toString());
        environment.put(
                "RABBITMQ_ENABLED_PLUGINS_FILE",
                folder.resolve("enabled_plugins").toString());
        environment.put("RABBITMQ_MNESIA_BASE", folder.resolve("data").toString());
        environment.put("RABBITMQ_LOG_BASE", folder.resolve("log").toString());
        environment.put("RABBITMQ_PID_FILE", pidFile().toString());
        return environment;
    }

    private Path pidFile() {
        return folder.resolve("node.pid");
    }

    @Override
    public synchronized void start() {
        if (script.filter(Process::isAlive).isPresent()) {
            return;
        }
        try {
            Files.deleteIfExists(pidFile());
            if (mapper.isEmpty()) {
                mapper = Optional.of(launch(List.of(
                        programs.epmd().toString(),
                        "-port",
                        Integer.toString(place.mapperPort()),
                        "-address",
                        "127.0.0.1")));
            }
            script = Optional.of(
                    launch(List.of(programs.scripts().resolve("rabbitmq-server").toString())));
            awaitStart(script.get());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process launch(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("output.txt").toFile()));
        builder.environment().keySet().removeIf(key -> key.startsWith("RABBITMQ_") || key.equals("NOTIFY_SOCKET"));
        builder.environment().putAll(environment());
        return builder.start();
    }

    private void awaitStart(Process started) {
        Awaitility.await()
                .atMost(LONGEST_START)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> !started.isAlive() || acceptsConnections());
        if (!started.isAlive()) {
            String output = output();
            stop();
            throw new IllegalStateException("RabbitMQ ended with " + started.exitValue() + ":\n" + output);
        }
    }

    private String output() {
        try {
            List<String> lines = Files.readAllLines(folder.resolve("output.txt"));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 50), lines.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void kill() {
        ProcessHandle.of(pid()).ifPresent(node -> {
            node.destroyForcibly();
            node.onExit().join();
        });
        try {
            script.orElseThrow().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns once every thread has stopped: the signal reaches one of them, and the others run until that one is scheduled. */
    @Override
    public void freeze() {
        long pid = pid();
        Programs.run(List.of("kill", "-STOP", Long.toString(pid)));
        Awaitility.await()
                .pollInterval(Duration.ofMillis(10))
                .until(() -> isStopped(Path.of("/proc/" + pid + "/task")));
    }

    private static boolean isStopped(Path threads) throws IOException {
        try (Stream<Path> all = Files.list(threads)) {
            for (Path thread : all.toList()) {
                String stat = Files.readString(thread.resolve("stat"));
                if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
                    return false;
                }
            }
        }
        return true;
    }

    @Override
    public void thaw() {
        Programs.run(List.of("kill", "-CONT", Long.toString(pid())));
    }

    private long pid() {
        try {
            return Long.parseLong(Files.readString(pidFile()).trim());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void ctl(String... arguments) {
        run("rabbitmqctl", arguments);
    }

    @Override
    public void plugins(String... arguments) {
        run("rabbitmq-plugins", arguments);
    }

    private void run(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(programs.scripts().resolve(program).toString());
        command.addAll(List.of(arguments));
        try {
            Programs.run(command, environment());
        } catch (IllegalStateException e) {
            throw new IllegalStateException(e.getMessage() + "\nThe node itself said:\n" + output(), e);
        }
    }

    @Override
    public int managementPort() {
        return ports.managementHttp();
    }

    @Override
    public int managementTlsPort() {
        return ports.managementHttps();
    }

    @Override
    public AmqpSettings amqp() {
        return AmqpSettings.of(place.address(), ports.amqp(), "/cvmfs", ADMIN, ADMIN, false);
    }

    @Override
    public int tlsPort() {
        return ports.amqps();
    }

    @Override
    public Path authority() {
        return folder.resolve("authority.pem");
    }

    @Override
    public String describe() {
        return "a private RabbitMQ node of " + programs.scripts() + " on port " + ports.amqp();
    }

    @Override
    public synchronized void stop() {
        if (script.filter(Process::isAlive).isPresent()) {
            kill();
        }
        mapper.ifPresent(Process::destroyForcibly);
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            Programs.announce("Cannot delete " + folder + ": " + e);
        }
    }
}
