package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeoutException;

/** What can happen to a broker, or be done to it, while everybody publishes; and what ends it. */
public enum BrokerFault {
    /** For longer than its heartbeat. */
    FROZEN(true) {
        @Override
        public void strike(OwnedBroker broker, AmqpSettings amqp) {
            broker.freeze();
        }

        @Override
        public void heal(OwnedBroker broker, AmqpSettings amqp) {
            broker.thaw();
        }
    },
    KILLED(true) {
        @Override
        public void strike(OwnedBroker broker, AmqpSettings amqp) {
            broker.kill();
        }

        @Override
        public void heal(OwnedBroker broker, AmqpSettings amqp) {
            broker.start();
        }
    },
    OUT_OF_MEMORY(true) {
        @Override
        public void strike(OwnedBroker broker, AmqpSettings amqp) {
            broker.ctl("set_vm_memory_high_watermark", "0.0001");
        }

        @Override
        public void heal(OwnedBroker broker, AmqpSettings amqp) {
            broker.ctl("set_vm_memory_high_watermark", "0.6");
        }
    },
    OUT_OF_DISK(true) {
        @Override
        public void strike(OwnedBroker broker, AmqpSettings amqp) {
            broker.ctl("set_disk_free_limit", "1000000GB");
        }

        @Override
        public void heal(OwnedBroker broker, AmqpSettings amqp) {
            broker.ctl("set_disk_free_limit", "1MB");
        }
    },
    /** RabbitMQ asks for the rights when a connection is new, or has not been asked about for a while. */
    RIGHTS_TAKEN(true) {
        @Override
        public void strike(OwnedBroker broker, AmqpSettings amqp) {
            broker.ctl("set_permissions", "--vhost", amqp.vhost(), amqp.user(), "^$", "^$", "^$");
            broker.ctl("close_all_connections", "--vhost", amqp.vhost(), "for a test");
        }

        @Override
        public void heal(OwnedBroker broker, AmqpSettings amqp) {
            broker.ctl("set_permissions", "--vhost", amqp.vhost(), amqp.user(), ".*", ".*", ".*");
        }
    },
    EXCHANGE_DELETED(false) {
        @Override
        public void strike(OwnedBroker broker, AmqpSettings amqp) {
            withChannel(broker, channel -> channel.exchangeDelete(amqp.exchange()));
        }
    },
    /** In queue mode there is none. */
    STREAM_DELETED(false) {
        @Override
        public void strike(OwnedBroker broker, AmqpSettings amqp) {
            withChannel(broker, channel -> channel.queueDelete(amqp.streamName()));
        }
    };

    private final boolean refusing;

    BrokerFault(boolean refusing) {
        this.refusing = refusing;
    }

    /** Whether no publish can succeed while it lasts. */
    boolean isRefusing() {
        return refusing;
    }

    public abstract void strike(OwnedBroker broker, AmqpSettings amqp);

    /** Most are over at once; the proxies themselves must mend what is broken. */
    public void heal(OwnedBroker broker, AmqpSettings amqp) {}

    @FunctionalInterface
    private interface Deed {
        void doneWith(Channel channel) throws IOException;
    }

    private static void withChannel(OwnedBroker broker, Deed deed) {
        AmqpSettings admin = broker.amqp();
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(admin.host());
        factory.setPort(admin.port());
        factory.setVirtualHost(admin.vhost());
        factory.setUsername(admin.user());
        factory.setPassword(admin.password());
        try (Connection connection = factory.newConnection();
                Channel channel = connection.createChannel()) {
            deed.doneWith(channel);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }
}
