package io.jenkins.plugins.cvmfs.notify.load.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.load.generator.Dialect;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * This project's proxy.
 *
 * @param title the name in the tables
 * @param log where it keeps announcements
 * @param program how the JVM finds it: {@code -jar FILE}, or a class path and a class
 * @param flags options of the JVM
 * @param config members of its config.json, besides those of its log
 */
public record ProxyServer(String title, Log log, List<String> program, List<String> flags, String config)
        implements Server.Kind {

    /**
     * All subscribers come from one address, and a reconnect is measured until the last value: it must come at once, and nothing twice. In
     * the environment, because an older build beside this one refuses keys that it does not know.
     */
    private static final Map<String, String> DELIVERY =
            Map.of("CVMFS_NOTIFY_DELIVERY_REPLAY_DELAY", "0s", "CVMFS_NOTIFY_DELIVERY_REPEAT_AFTER", "0s");

    private static final Duration START = Duration.ofSeconds(30);
    private static final String EXCHANGE = "repository.activity";
    private static final int ATTEMPTS = 600;

    /** The log of a proxy. */
    public enum Log {
        MEMORY("memory"),
        /** A journal in a fresh folder. */
        JOURNAL("fsync"),
        /** A stream of a fresh RabbitMQ node. */
        RABBITMQ("stream");

        private final String durability;

        Log(String durability) {
            this.durability = durability;
        }
    }

    @Override
    public String durability() {
        return log.durability;
    }

    @Override
    public Server start() throws IOException {
        Path folder = Files.createTempDirectory("load-proxy");
        if (log != Log.RABBITMQ) {
            String state = log == Log.JOURNAL ? ", \"state_dir\": \"%s/state\"".formatted(folder) : "";
            return start(folder, "\"standalone\": true" + state, Optional.empty());
        }
        RabbitMqNode node = RabbitMqNode.start();
        try {
            node.declareExchange(EXCHANGE);
            Server running = start(
                    folder,
                    "\"amqp\": {\"url\": \"127.0.0.1\", \"port\": %d, \"vhost\": \"/\", \"user\": \"guest\", \"pass\": \"guest\", \"stream\": \"required\"}"
                            .formatted(node.amqpPort()),
                    Optional.of(node));
            awaitReady(running);
            return running;
        } catch (IOException e) {
            node.close();
            throw e;
        }
    }

    private Server start(Path folder, String logConfig, Optional<RabbitMqNode> broker) throws IOException {
        String members = config.isEmpty() ? logConfig : config + ", " + logConfig;
        Path file = Files.writeString(folder.resolve("config.json"), "{" + members + "}", UTF_8);
        String[] arguments = Stream.concat(
                        program.stream(),
                        Stream.of(
                                "serve",
                                "--config=" + file,
                                "--port=0",
                                "--bind=127.0.0.1",
                                "--set=access.anonymous_publish=everyone"))
                .toArray(String[]::new);
        ChildProcess process = ChildProcess.start(ChildProcess.java(flags, arguments), folder, DELIVERY);
        String address = process.readLine(START).replaceFirst("^listening on ", "");
        return new Server(process, URI.create(address).getPort(), Dialect.NOTIFY, broker);
    }

    private static void awaitReady(Server proxy) throws IOException {
        URL ready = URI.create("http://%s:%d/readyz".formatted(Server.HOST, proxy.port()))
                .toURL();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (((HttpURLConnection) ready.openConnection()).getResponseCode() == HttpURLConnection.HTTP_OK) {
                return;
            }
            Ports.pause();
        }
        proxy.close();
        throw new IOException("the proxy does not become ready");
    }
}
