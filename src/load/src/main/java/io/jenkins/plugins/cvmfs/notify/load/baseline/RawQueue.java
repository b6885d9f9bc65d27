package io.jenkins.plugins.cvmfs.notify.load.baseline;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.jenkins.plugins.cvmfs.notify.load.server.RabbitMqNode;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** A durable queue of a fresh broker. */
final class RawQueue {

    private RawQueue() {}

    static Connection connect(RabbitMqNode node) throws IOException, TimeoutException {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(node.amqpPort());
        return factory.newConnection("load");
    }

    /** Returns its name. */
    static String declare(Channel channel, String queueType) throws IOException {
        String queue = "load-" + queueType;
        channel.queueDeclare(queue, true, false, false, Map.of("x-queue-type", queueType));
        return queue;
    }
}
