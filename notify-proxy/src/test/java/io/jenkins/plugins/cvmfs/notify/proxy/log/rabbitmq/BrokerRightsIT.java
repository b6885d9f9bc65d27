package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsRabbitMq(owned = true)
class BrokerRightsIT {

    private final OwnedBroker broker;
    private final String repository = "r-" + UUID.randomUUID();

    BrokerRightsIT(OwnedBroker broker) {
        this.broker = broker;
    }

    private AmqpSettings worker() {
        return broker.amqp().as(OwnedBroker.WORKER);
    }

    @Test
    void theOriginalWorkersRightsAreEnoughForQueues(@TempDir Path stateDir) {
        try (LogUnderTest one = LogUnderTest.ready(worker(), stateDir);
                LogUnderTest other = LogUnderTest.ready(worker())) {
            assertThat(one.state().kind()).isEqualTo("queue");

            other.follow(repository);
            one.append(repository, 1).join();

            other.awaitLast(repository, 1);
        }
    }

    @Test
    void whereAStreamIsRequiredAWorkerWithoutTheRightSaysSo() {
        try (LogUnderTest log = LogUnderTest.start(worker().stream(StreamUse.REQUIRED))) {
            LogUnderTest.await()
                    .untilAsserted(() -> assertThat(log.state().detail())
                            .contains("denies a right")
                            .contains("access to queue 'cvmfs-notify.activity'"));
            assertThat(log.state().isReady()).isFalse();
            assertThat(log.state().kind()).isEqualTo("stream");
        }
    }

    @Test
    void inQueueModeItIsCalledAQueueWhileTheBrokerIsDown() {
        try (LogUnderTest log = LogUnderTest.ready(worker())) {
            broker.kill();
            LogUnderTest.await().until(() -> !log.state().isReady());

            assertThat(log.state().kind()).isEqualTo("queue");
        } finally {
            broker.start();
        }
    }

    @Test
    void aStreamThatAnAdministratorHasMadeNeedsNoRightToConfigureIt() {
        String names = "^(amq\\.gen.*|repository\\.activity|cvmfs-notify\\.made)$";
        addUser("reader", OwnedBroker.WORKER_NAMES, names);
        AmqpSettings made = broker.amqp().stream(StreamUse.REQUIRED).streamName("cvmfs-notify.made");
        LogUnderTest.ready(made).close();

        try (LogUnderTest log = LogUnderTest.ready(made.as("reader"))) {
            log.append(repository, 1).join();

            assertThat(log.state().kind()).isEqualTo("stream");
        }
    }

    @Test
    void whenTheRightToTheStreamIsTakenAwayQueuesTakeOverAndBackWhenItIsGiven() {
        addUser("favourite", ".*", ".*");
        AmqpSettings amqp =
                broker.amqp().as("favourite").names(UUID.randomUUID().toString()).stream(StreamUse.AUTO);
        try (LogUnderTest log = LogUnderTest.ready(amqp)) {
            log.append(repository, 1).join();
            assertThat(log.state().kind()).isEqualTo("stream");

            setRights(
                    "favourite", "^(amq\\.gen.*|repository\\.activity.*)$", "^(amq\\.gen.*|repository\\.activity.*)$");
            closeConnections();
            LogUnderTest.await()
                    .until(() ->
                            log.state().kind().equals("queue") && log.state().isReady());
            log.append(repository, 2).join();

            setRights("favourite", ".*", ".*");
            closeConnections();
            LogUnderTest.await()
                    .until(() ->
                            log.state().kind().equals("stream") && log.state().isReady());
            log.append(repository, 3).join();

            assertThat(log.tail.texts())
                    .containsExactly(
                            repository + " revision 1", repository + " revision 2", repository + " revision 3");
        }
    }

    @Test
    void aUserWithoutAnyRightIsToldAndWorksOnceItHasThem() {
        addUser("nobody", "^$", "^$");
        AmqpSettings amqp = broker.amqp().as("nobody").names(UUID.randomUUID().toString());
        try (LogUnderTest log = LogUnderTest.start(amqp)) {
            LogUnderTest.await()
                    .untilAsserted(() -> assertThat(log.state().detail())
                            .contains("denies a right")
                            .contains("nobody"));

            setRights("nobody", ".*", ".*");

            log.awaitReady();
            log.append(repository, 1).join();
        }
    }

    @Test
    void aWrongPasswordIsNamedButNotShown() {
        AmqpSettings wrong = broker.amqp().as(OwnedBroker.ADMIN, "hunter2");
        try (LogUnderTest log = LogUnderTest.start(wrong)) {
            LogUnderTest.await()
                    .untilAsserted(() -> assertThat(log.state().detail())
                            .contains("refuses user or password")
                            .doesNotContain("hunter2"));
        }
    }

    private void addUser(String name, String configure, String write) {
        broker.ctl("add_user", name, name);
        setRights(name, configure, write);
    }

    private void setRights(String name, String configure, String write) {
        broker.ctl("set_permissions", "--vhost", "/cvmfs", name, configure, write, ".*");
    }

    private void closeConnections() {
        broker.ctl("close_all_connections", "--vhost", "/cvmfs", "for a test");
    }
}
