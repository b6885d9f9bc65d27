package io.jenkins.plugins.cvmfs.notify.load.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A private RabbitMQ node on the loopback interface, with the distribution's program: everything it writes is in one temporary
 * folder, its port mapper, name and cookie are its own. Its user is guest.
 */
public final class RabbitMqNode implements AutoCloseable {

    private static final Path SERVER = Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server");
    private static final Path EPMD = Path.of("/usr/bin/epmd");
    private static final String NAME = "load@localhost";

    private final Path folder;
    private final int amqpPort;
    private final ChildProcess mapper;
    private final ChildProcess node;

    private RabbitMqNode(Path folder, int amqpPort, ChildProcess mapper, ChildProcess node) {
        this.folder = folder;
        this.amqpPort = amqpPort;
        this.mapper = mapper;
        this.node = node;
    }

    /** Returns true if this machine has the programs. */
    public static boolean isInstalled() {
        return Files.isExecutable(SERVER) && Files.isExecutable(EPMD);
    }

    /** Starts a node without plugins. */
    public static RabbitMqNode start() throws IOException {
        Path folder = Files.createTempDirectory("load-rabbitmq");
        int amqpPort = Ports.free();
        int mapperPort = Ports.free();
        Files.writeString(folder.resolve("enabled_plugins"), "[].\n", UTF_8);
        Files.writeString(folder.resolve("rabbitmq.conf"), """
                listeners.tcp.1 = 127.0.0.1:%d
                log.console = false
                log.file.level = error
                """.formatted(amqpPort), UTF_8);
        ChildProcess mapper = ChildProcess.start(
                List.of(EPMD.toString(), "-port", Integer.toString(mapperPort), "-address", "127.0.0.1"), folder);
        ChildProcess process =
                ChildProcess.start(List.of(SERVER.toString()), folder, environment(folder, mapperPort, Ports.free()));
        RabbitMqNode node = new RabbitMqNode(folder, amqpPort, mapper, process);
        try {
            Ports.awaitListening(amqpPort);
            return node;
        } catch (IOException e) {
            node.close();
            throw e;
        }
    }

    private static Map<String, String> environment(Path folder, int mapperPort, int distributionPort) {
        Map<String, String> environment = new HashMap<>();
        environment.put("HOME", folder.toString());
        environment.put("ERL_EPMD_PORT", Integer.toString(mapperPort));
        environment.put("ERL_EPMD_ADDRESS", "127.0.0.1");
        environment.put("RABBITMQ_NODENAME", NAME);
        environment.put("RABBITMQ_ERLANG_COOKIE", folder.getFileName().toString());
        environment.put("RABBITMQ_DIST_PORT", Integer.toString(distributionPort));
        environment.put("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}");
        environment.put("RABBITMQ_CONF_ENV_FILE", "/dev/null");
        environment.put("RABBITMQ_CONFIG_FILE", folder.resolve("rabbitmq.conf").toString());
        environment.put(
                "RABBITMQ_ENABLED_PLUGINS_FILE",
                folder.resolve("enabled_plugins").toString());
        environment.put("RABBITMQ_MNESIA_BASE", folder.resolve("data").toString());
        environment.put("RABBITMQ_LOG_BASE", folder.resolve("log").toString());
        environment.put("RABBITMQ_PID_FILE", folder.resolve("node.pid").toString());
        return environment;
    }

    /** As the service's broker has it. */
    void declareExchange(String name) throws IOException {
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            channel.exchangeDeclare(name, BuiltinExchangeType.DIRECT, true);
        } catch (TimeoutException e) {
            throw new IOException(e);
        }
    }

    Connection connect() throws IOException, TimeoutException {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(Server.HOST);
        factory.setPort(amqpPort);
        return factory.newConnection("load");
    }

    public int amqpPort() {
        return amqpPort;
    }

    /** Kills it: there is nothing to keep. */
    @Override
    public void close() {
        node.killAll();
        mapper.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.err.println("cannot delete " + folder + ": " + e);
        }
    }
}
