package io.jenkins.plugins.cvmfs.notify.load.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A private RabbitMQ of one node or of a cluster on the loopback interface, with the distribution's program: everything it writes is in one
 * temporary folder, its port mapper, names and cookie are its own. Nodes listen on one port of 127.0.0.1, 127.0.0.2, …; the user is guest.
 */
public final class RabbitMqBroker implements AutoCloseable {

    private static final Path SERVER = Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server");
    private static final Path EPMD = Path.of("/usr/bin/epmd");
    private static final String EXCHANGE = "repository.activity";

    private final Path folder;
    private final int size;
    private final int port;
    private final int mapperPort;
    private final ChildProcess mapper;
    private final List<ChildProcess> nodes = new ArrayList<>();

    private RabbitMqBroker(int size) throws IOException {
        this.folder = Files.createTempDirectory("load-rabbitmq");
        this.size = size;
        this.port = Server.freePort();
        this.mapperPort = Server.freePort();
        this.mapper = ChildProcess.start(
                List.of(EPMD.toString(), "-port", Integer.toString(mapperPort), "-address", "127.0.0.1"),
                folder,
                Map.of());
    }

    /** Returns true if this machine has the programs. */
    public static boolean isInstalled() {
        return Files.isExecutable(SERVER) && Files.isExecutable(EPMD);
    }

    /** Starts so many nodes without plugins, and declares the exchange as the service's broker has it. */
    static RabbitMqBroker start(int size) throws IOException {
        RabbitMqBroker broker = new RabbitMqBroker(size);
        try {
            for (int i = 0; i < size; i++) {
                broker.startNode(i);
            }
            for (String address : broker.addresses()) {
                Server.awaitListening(address, broker.port);
            }
            broker.declareExchange();
            return broker;
        } catch (IOException e) {
            broker.close();
            throw e;
        }
    }

    private static String address(int node) {
        return "127.0.0." + (1 + node);
    }

    private static String name(int node) {
        return "load%d@localhost".formatted(node);
    }

    private void startNode(int number) throws IOException {
        Path own = Files.createDirectory(folder.resolve("node" + number));
        String peers = IntStream.range(0, size)
                .mapToObj(node -> "cluster_formation.classic_config.nodes.%d = %s%n".formatted(node + 1, name(node)))
                .collect(Collectors.joining());
        Path config =
                Files.writeString(own.resolve("rabbitmq.conf"), """
                    listeners.tcp.1 = %s:%d
                    log.console = false
                    log.file.level = error
                    cluster_formation.peer_discovery_backend = classic_config
                    """.formatted(address(number), port) + peers, UTF_8);
        Path plugins = Files.writeString(own.resolve("enabled_plugins"), "[].\n", UTF_8);
        Map<String, String> environment = new HashMap<>();
        environment.put("HOME", own.toString());
        environment.put("ERL_EPMD_PORT", Integer.toString(mapperPort));
        environment.put("ERL_EPMD_ADDRESS", "127.0.0.1");
        environment.put("RABBITMQ_NODENAME", name(number));
        environment.put("RABBITMQ_ERLANG_COOKIE", folder.getFileName().toString());
        environment.put("RABBITMQ_DIST_PORT", Integer.toString(Server.freePort()));
        environment.put("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}");
        environment.put("RABBITMQ_CONF_ENV_FILE", "/dev/null");
        environment.put("RABBITMQ_CONFIG_FILE", config.toString());
        environment.put("RABBITMQ_ENABLED_PLUGINS_FILE", plugins.toString());
        environment.put("RABBITMQ_MNESIA_BASE", own.resolve("data").toString());
        environment.put("RABBITMQ_LOG_BASE", own.resolve("log").toString());
        environment.put("RABBITMQ_PID_FILE", own.resolve("node.pid").toString());
        nodes.add(ChildProcess.start(List.of(SERVER.toString()), own, environment));
    }

    private void declareExchange() throws IOException {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(address(0));
        factory.setPort(port);
        try (Connection connection = factory.newConnection("load");
                Channel channel = connection.createChannel()) {
            channel.exchangeDeclare(EXCHANGE, BuiltinExchangeType.DIRECT, true);
        } catch (TimeoutException e) {
            throw new IOException(e);
        }
    }

    List<String> addresses() {
        return IntStream.range(0, size).mapToObj(RabbitMqBroker::address).toList();
    }

    int port() {
        return port;
    }

    ChildProcess.Usage usage() throws IOException {
        return ChildProcess.Usage.of(nodes);
    }

    /** Kills it: there is nothing to keep. */
    @Override
    public void close() {
        nodes.forEach(node -> {
            node.kill();
            node.close();
        });
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
