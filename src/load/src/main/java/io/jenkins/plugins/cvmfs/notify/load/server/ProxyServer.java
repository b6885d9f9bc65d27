package io.jenkins.plugins.cvmfs.notify.load.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.load.generator.Dialect;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * This project's proxy, or several on one broker.
 *
 * @param title the name in the tables
 * @param log where they keep announcements
 * @param count how many
 * @param flags options of the JVM
 * @param program how the JVM finds it: {@code -jar FILE}, or a class path and a class
 * @param config members of its config.json, besides those of its log
 */
public record ProxyServer(String title, Log log, int count, List<String> flags, List<String> program, String config)
        implements Server.Kind {

    /**
     * All subscribers come from one address, and a reconnect is measured until the last value: it must come at once, and nothing twice. In
     * the environment, because an older build beside this one refuses keys that it does not know.
     */
    private static final Map<String, String> DELIVERY =
            Map.of("CVMFS_NOTIFY_DELIVERY_REPLAY_DELAY", "0s", "CVMFS_NOTIFY_DELIVERY_REPEAT_AFTER", "0s");

    /** The log of a proxy. */
    public enum Log {
        MEMORY("memory", 0, false),
        /** A journal in a fresh folder. */
        JOURNAL("fsync", 0, true),
        /** A stream of a fresh RabbitMQ node. */
        STREAM("stream", 1, false),
        /** The same, and each proxy has a journal. */
        STREAM_AND_JOURNAL("stream, fsync", 1, true),
        /** A stream of a fresh cluster. */
        CLUSTER("stream, 3 nodes", 3, false);

        private final String durability;
        private final int nodes;
        private final boolean hasJournal;

        Log(String durability, int nodes, boolean hasJournal) {
            this.durability = durability;
            this.nodes = nodes;
            this.hasJournal = hasJournal;
        }
    }

    @Override
    public String durability() {
        return log.durability;
    }

    @Override
    public boolean isInstalled() {
        return log.nodes == 0 || RabbitMqBroker.isInstalled();
    }

    @Override
    public Server start() throws IOException {
        Optional<RabbitMqBroker> broker =
                log.nodes == 0 ? Optional.empty() : Optional.of(RabbitMqBroker.start(log.nodes));
        Server server = new Server(new ArrayList<>(), new ArrayList<>(), Dialect.NOTIFY, broker);
        try {
            for (int i = 0; i < count; i++) {
                ChildProcess process = start(i, broker);
                server.processes().add(process);
                String address = process.readLine(Server.LONGEST_START).replaceFirst("^listening on ", "");
                server.ports().add(URI.create(address).getPort());
            }
            for (int port : server.ports()) {
                URL ready =
                        URI.create("http://127.0.0.1:%d/readyz".formatted(port)).toURL();
                Server.await(
                        "the proxy is not ready",
                        () -> ((HttpURLConnection) ready.openConnection()).getResponseCode()
                                == HttpURLConnection.HTTP_OK);
            }
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private ChildProcess start(int number, Optional<RabbitMqBroker> broker) throws IOException {
        Path folder = Files.createTempDirectory("load-proxy");
        List<String> members = new ArrayList<>(List.of(config));
        members.add(broker.map(node -> amqp(node, number)).orElse("\"standalone\": true"));
        if (log.hasJournal) {
            members.add("\"state_dir\": \"%s/state\"".formatted(folder));
        }
        Path file = Files.writeString(folder.resolve("config.json"), "{" + String.join(", ", members) + "}", UTF_8);
        List<String> arguments = new ArrayList<>(flags);
        arguments.addAll(program);
        arguments.addAll(List.of(
                "serve",
                "--config=" + file,
                "--port=0",
                "--bind=127.0.0.1",
                "--set=access.anonymous_publish=everyone"));
        return ChildProcess.java(arguments, folder, DELIVERY);
    }

    /** Each proxy begins with another node. */
    private static String amqp(RabbitMqBroker broker, int number) {
        List<String> addresses = new ArrayList<>(broker.addresses());
        Collections.rotate(addresses, number);
        return "\"amqp\": {\"url\": \"%s\", \"port\": %d, \"vhost\": \"/\", \"user\": \"guest\", \"pass\": \"guest\", \"stream\": \"required\"}"
                .formatted(String.join(",", addresses), broker.port());
    }
}
