package io.jenkins.plugins.cvmfs.notify.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jenkins.plugins.cvmfs.notify.load.generator.Dialect;
import io.jenkins.plugins.cvmfs.notify.load.generator.SubscriberKind;
import io.jenkins.plugins.cvmfs.notify.load.server.BareLoop;
import io.jenkins.plugins.cvmfs.notify.load.server.ChildProcess;
import io.jenkins.plugins.cvmfs.notify.load.server.ProxyServer;
import io.jenkins.plugins.cvmfs.notify.load.server.RabbitMqBroker;
import io.jenkins.plugins.cvmfs.notify.load.server.Server;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** That everything can be measured, and that nothing is lost; how long it takes is not looked at, so several run at a time. */
@Execution(ExecutionMode.CONCURRENT)
class SmokeTest {

    private static final int SUBSCRIBERS = 20;
    private static final int MESSAGES = 10;
    private static final Server.Kind CLIENT = new Server.Unserved("raw client", "stream", Dialect.AMQP);
    private static final List<SubscriberKind> WEB_SOCKETS = List.of(SubscriberKind.WEB_SOCKET);
    private static final String QUIET = "\"log_level\": \"error\"";

    @TempDir
    private Path folder;

    @Test
    void everySubscriberOfEveryKindAndServerReceivesEveryMessageOnceAndInOrder() throws Exception {
        // Given
        Session ofBareLoop = session(List.of(new BareLoop.Kind()), WEB_SOCKETS);
        Session ofProxy = session(List.of(proxy(QUIET)), List.of(SubscriberKind.values()));

        // When
        boolean flawless = ofBareLoop.repeat(0, "first") && ofProxy.repeat(0, "first");

        // Then
        assertThat(flawless).isTrue();
        assertThat(file().read()).hasSize(4).allSatisfy(SmokeTest::isFlawless);
    }

    @Test
    void whatIsRefusedFailsAtOnceSaysHowFarItCameAndIsTriedOnceMore() throws Exception {
        // Given: subscribers come from four addresses, the first three of them before the others
        String few = QUIET + ", \"limits\": {\"max_connections_per_address\": 2}";
        Session session = session(List.of(proxy(few)), WEB_SOCKETS);

        // When
        boolean flawless = session.repeat(0, "first");

        // Then
        assertThat(flawless).isFalse();
        assertThat(file().read())
                .hasSize(2)
                .allSatisfy(sample -> assertThat(sample.problem())
                        .contains("of 17 subscribers were in; ")
                        .doesNotContain("in time"));
    }

    @Test
    void severalProxiesOnABrokerDeliverEveryMessageToAll() throws Exception {
        // Given
        assumeTrue(RabbitMqBroker.isInstalled(), "no RabbitMQ");
        Server.Kind proxies = proxy(ProxyServer.Log.STREAM_AND_JOURNAL, 2, QUIET);
        Session session = session(new Scenario.ScaleOut(1, MESSAGES), List.of(proxies), WEB_SOCKETS);

        // When
        boolean flawless = session.repeat(0, "first");

        // Then
        assertThat(flawless).isTrue();
        assertThat(file().read())
                .extracting(sample -> sample.values().get("deliveries"))
                .containsExactly(2.0 * SUBSCRIBERS * MESSAGES);
    }

    @Test
    void theClientOfTheBrokerIsReadInTheSameWay() throws Exception {
        // Given
        assumeTrue(RabbitMqBroker.isInstalled(), "no RabbitMQ");

        // When
        boolean flawless = session(List.of(CLIENT), WEB_SOCKETS).repeat(0, "first");

        // Then
        assertThat(flawless).isTrue();
        assertThat(file().read())
                .extracting(sample -> sample.values().get("deliveries"))
                .containsExactly(1.0 * MESSAGES);
    }

    @Test
    void theClientOfTheBrokerAndAFileArePublishedToInTheSameWay() throws Exception {
        // Given
        assumeTrue(RabbitMqBroker.isInstalled(), "no RabbitMQ");
        Server.Kind file = new Server.Unserved("one fsync each", "fsync", Dialect.FILE);
        Session session = session(new Scenario.Publishes(0.2), List.of(CLIENT, file), WEB_SOCKETS);

        // When
        boolean flawless = session.repeat(0, "first");

        // Then
        assertThat(flawless).isTrue();
        assertThat(file().read())
                .hasSize(2)
                .allSatisfy(sample -> assertThat(sample.values()).containsKey("confirmedPerSecond"));
    }

    private static Server.Kind proxy(String config) {
        return proxy(ProxyServer.Log.MEMORY, 1, config);
    }

    private static Server.Kind proxy(ProxyServer.Log log, int count, String config) {
        return new ProxyServer(
                "proxy",
                log,
                count,
                List.of("-XX:TieredStopAtLevel=1"),
                List.of("-cp", ChildProcess.classPath(), "io.jenkins.plugins.cvmfs.notify.proxy.cli.Main"),
                config);
    }

    private Sample.Log file() {
        return new Sample.Log(folder.resolve("samples.jsonl"));
    }

    private Session session(List<Server.Kind> servers, List<SubscriberKind> kinds) {
        return session(new Scenario.FanOut(SUBSCRIBERS * MESSAGES, SUBSCRIBERS), servers, kinds);
    }

    private Session session(Scenario scenario, List<Server.Kind> servers, List<SubscriberKind> kinds) {
        return new Session(
                scenario,
                servers,
                kinds,
                List.of(SUBSCRIBERS),
                file(),
                new PrintStream(OutputStream.nullOutputStream()));
    }

    private static void isFlawless(Sample sample) {
        assertThat(sample.problem()).isEmpty();
        assertThat(sample.values())
                .containsEntry("deliveries", (double) SUBSCRIBERS * MESSAGES)
                .containsEntry("lost", 0.0)
                .containsEntry("duplicated", 0.0)
                .containsEntry("outOfOrder", 0.0);
    }
}
