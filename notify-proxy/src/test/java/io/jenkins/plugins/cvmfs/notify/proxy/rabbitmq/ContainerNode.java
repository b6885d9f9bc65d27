package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.ContainerFetchException;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * RabbitMQ in a container. The container itself only sleeps, and the broker is started and killed inside it, so that ports and
 * data stay the same.
 */
final class ContainerNode implements OwnedBroker {

    private static final DockerImageName IMAGE = DockerImageName.parse("rabbitmq:4");
    private static final String INSIDE = "/etc/cvmfs-notify-test";
    private static final NodeFiles.Ports PORTS = new NodeFiles.Ports(5672, 5671, 15672, 15671);

    private final GenericContainer<?> container;
    private final Path folder;
    private boolean running;

    private ContainerNode(GenericContainer<?> container, Path folder) {
        this.container = container;
        this.folder = folder;
    }

    static OwnedBroker launch() throws UnavailableException {
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            throw new UnavailableException("Docker is not available");
        }
        try {
            Path folder = Files.createTempDirectory("cvmfs-notify-rabbitmq-");
            NodeFiles.write(folder, INSIDE, "0.0.0.0", PORTS);
            ContainerNode node = new ContainerNode(container(folder), folder);
            startContainer(node);
            node.start();
            node.settle();
            return node;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fails where the image cannot be pulled. */
    private static void startContainer(ContainerNode node) throws UnavailableException {
        try {
            node.container.start();
        } catch (ContainerLaunchException | ContainerFetchException e) {
            node.stop();
            throw new UnavailableException(IMAGE + " does not start in Docker: " + e.getMessage());
        }
    }

    @SuppressWarnings("resource") // closed by stop()
    private static GenericContainer<?> container(Path folder) {
        return new GenericContainer<>(IMAGE)
                .withExposedPorts(PORTS.amqp(), PORTS.amqps(), PORTS.managementHttp(), PORTS.managementHttps())
                .withEnv("RABBITMQ_CONFIG_FILE", INSIDE + "/rabbitmq.conf")
                .withCopyFileToContainer(MountableFile.forHostPath(folder, 0755), INSIDE)
                .withCommand("sleep", "infinity")
                .waitingFor(Wait.forSuccessfulCommand("true"));
    }

    @Override
    public synchronized void start() {
        if (!running) {
            inside("rabbitmq-server", "-detached");
            Awaitility.await().atMost(LONGEST_START).until(this::acceptsConnections);
            running = true;
        }
    }

    @Override
    public synchronized void kill() {
        signal("KILL");
        running = false;
    }

    @Override
    public void freeze() {
        signal("STOP");
    }

    @Override
    public void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        inside("sh", "-c", "kill -" + name + " $(pidof beam.smp)");
    }

    @Override
    public void ctl(String... arguments) {
        run("rabbitmqctl", arguments);
    }

    @Override
    public void plugins(String... arguments) {
        run("rabbitmq-plugins", arguments);
    }

    @Override
    public int managementPort() {
        return container.getMappedPort(PORTS.managementHttp());
    }

    @Override
    public int managementTlsPort() {
        return container.getMappedPort(PORTS.managementHttps());
    }

    private void run(String program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(List.of(arguments));
        inside(command.toArray(String[]::new));
    }

    private void inside(String... command) {
        try {
            ExecResult result = container.execInContainer(command);
            if (result.getExitCode() != 0) {
                throw new IllegalStateException(
                        List.of(command) + " ended with " + result.getExitCode() + ":\n" + result.getStderr());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + List.of(command), e);
        }
    }

    @Override
    public AmqpSettings amqp() {
        return AmqpSettings.of(
                container.getHost(), container.getMappedPort(PORTS.amqp()), "/cvmfs", ADMIN, ADMIN, false);
    }

    @Override
    public int tlsPort() {
        return container.getMappedPort(PORTS.amqps());
    }

    @Override
    public Path authority() {
        return folder.resolve("authority.pem");
    }

    @Override
    public String describe() {
        return IMAGE + " in a container";
    }

    @Override
    public synchronized void stop() {
        container.stop();
        try (Stream<Path> files = Files.list(folder)) {
            files.forEach(file -> file.toFile().delete());
            Files.delete(folder);
        } catch (IOException e) {
            Programs.announce("Cannot delete " + folder + ": " + e);
        }
    }
}
