package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import static org.assertj.core.api.Assertions.assertThatCode;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.util.Map;
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

            try (Connection connection = fresh.amqp().connections().newConnection();
                    Channel channel = connection.createChannel()) {
                assertThatCode(() -> channel.queueDeclarePassive(STREAM)).doesNotThrowAnyException();
            }
        } finally {
            fresh.stop();
        }
    }
}
