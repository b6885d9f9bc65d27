package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

@NeedsRabbitMq(owned = true)
class FreshBrokerIT {

    private static final String STREAM = "cvmfs-notify.fresh";

    @Test
    void aBrokerThatIsKilledRightAfterItsFirstStreamStartsTheStreamAgain(OwnedBroker shared) throws Exception {
        OwnedBroker fresh = shared instanceof LocalNode ? LocalNode.launch() : ContainerNode.launch();
        try {
            Connection before = fresh.amqp().connections().newConnection();
            before.createChannel().queueDeclare(STREAM, true, false, false, Map.of("x-queue-type", "stream"));
            fresh.kill();
            before.abort();
            fresh.start();

            // The coordinator starts streams some time after the broker accepts connections; without a record of it,
            // never.
            try (Connection connection = fresh.amqp().connections().newConnection()) {
                await().atMost(Duration.ofMinutes(1))
                        .untilAsserted(() -> assertThatCode(() -> declarePassively(connection))
                                .doesNotThrowAnyException());
            }
        } finally {
            fresh.stop();
        }
    }

    /** On a channel of its own, because an error closes it. */
    private static void declarePassively(Connection connection) throws IOException, TimeoutException {
        try (Channel channel = connection.createChannel()) {
            channel.queueDeclarePassive(STREAM);
        }
    }
}
