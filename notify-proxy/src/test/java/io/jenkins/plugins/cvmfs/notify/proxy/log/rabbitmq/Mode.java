package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Broker;
import java.util.UUID;

/** The two ways to keep the log in RabbitMQ. */
public enum Mode {
    STREAM(StreamUse.REQUIRED),
    QUEUE(StreamUse.OFF);

    private final StreamUse use;

    Mode(StreamUse use) {
        this.use = use;
    }

    /** With an exchange, and a stream if any, that no other test has. */
    public AmqpSettings on(Broker broker) {
        return on(broker.amqp());
    }

    /** The same for a user of a broker, or of a cluster. */
    public AmqpSettings on(AmqpSettings user) {
        return user.names(UUID.randomUUID().toString()).stream(use);
    }
}
