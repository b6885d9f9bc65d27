package io.jenkins.plugins.cvmfs.notify.load.server;

import io.jenkins.plugins.cvmfs.notify.load.process.Ports;
import io.jenkins.plugins.cvmfs.notify.load.process.Usage;
import io.jenkins.plugins.cvmfs.notify.load.wire.Dialect;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.util.Optional;

/**
 * The proxy before a RabbitMQ of its own, with a stream as log; what the broker costs is told apart.
 *
 * @param proxy of which the configuration gets the broker's address
 */
public record ProxyOnRabbitMq(ProxyServer proxy) implements ServerKind {

    private static final String EXCHANGE = "repository.activity";
    private static final int ATTEMPTS = 600;
    private static final String AMQP =
            "\"amqp\": {\"url\": \"127.0.0.1\", \"port\": %d, \"vhost\": \"/\", \"user\": \"guest\","
                    + " \"pass\": \"guest\", \"stream\": \"required\"}";

    @Override
    public String title() {
        return proxy.title();
    }

    @Override
    public String durability() {
        return "stream";
    }

    @Override
    public Server start() throws IOException {
        RabbitMqNode node = RabbitMqNode.start();
        try {
            node.declareExchange(EXCHANGE);
            Server running = proxy.with(AMQP.formatted(node.amqpPort())).start();
            awaitReady(running);
            return new Running(running, node);
        } catch (IOException e) {
            node.close();
            throw e;
        }
    }

    private static void awaitReady(Server proxy) throws IOException {
        URL ready = URI.create("http://%s:%d/readyz".formatted(proxy.host(), proxy.port()))
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

    private record Running(Server proxy, RabbitMqNode node) implements Server {

        @Override
        public String host() {
            return proxy.host();
        }

        @Override
        public int port() {
            return proxy.port();
        }

        @Override
        public Dialect dialect() {
            return proxy.dialect();
        }

        @Override
        public Usage usage() throws IOException {
            return proxy.usage();
        }

        @Override
        public Optional<Usage> usageBehind() throws IOException {
            return Optional.of(node.usage());
        }

        @Override
        public void close() {
            proxy.close();
            node.close();
        }
    }
}
