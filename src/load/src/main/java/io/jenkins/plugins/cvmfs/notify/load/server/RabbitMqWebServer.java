package io.jenkins.plugins.cvmfs.notify.load.server;

import io.jenkins.plugins.cvmfs.notify.load.process.Usage;
import io.jenkins.plugins.cvmfs.notify.load.wire.Dialect;
import java.io.IOException;

/** RabbitMQ alone, with one of its plugins that speak to browsers. */
public enum RabbitMqWebServer implements ServerKind {
    WEB_MQTT("rabbitmq_web_mqtt", Dialect.WEB_MQTT),
    WEB_STOMP("rabbitmq_web_stomp", Dialect.WEB_STOMP);

    private final String plugin;
    private final Dialect dialect;

    RabbitMqWebServer(String plugin, Dialect dialect) {
        this.plugin = plugin;
        this.dialect = dialect;
    }

    @Override
    public String title() {
        return plugin.replace('_', ' ');
    }

    @Override
    public String durability() {
        return "memory, no last value";
    }

    @Override
    public Server start() throws IOException {
        return new Running(RabbitMqNode.start(plugin), dialect);
    }

    private record Running(RabbitMqNode node, Dialect dialect) implements Server {

        @Override
        public String host() {
            return "127.0.0.1";
        }

        @Override
        public int port() {
            return node.webPort();
        }

        @Override
        public int amqpPort() {
            return node.amqpPort();
        }

        @Override
        public Usage usage() throws IOException {
            return node.usage();
        }

        @Override
        public void close() {
            node.close();
        }
    }
}
