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

/** That everything can be measured, and that nothing is lost; how long it takes is not looked at. */
class SmokeTest {

    private static final int SUBSCRIBERS = 20;
    private static final int MESSAGES = 10;
    private static final String QUIET = "\"log_level\": \"error\"";

    @TempDir
    private Path folder;

    @Test
    void everySubscriberOfEveryKindAndServerReceivesEveryMessageOnceAndInOrder() throws Exception {
        // Given
        Session ofBareLoop = session(List.of(new BareLoop.Kind()), List.of(SubscriberKind.WEB_SOCKET));
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
        Session session = session(List.of(proxy(few)), List.of(SubscriberKind.WEB_SOCKET));

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
    void severalProxiesOnABrokerAndItsOwnClientArePublishedToAndReadInTheSameWay() throws Exception {
        // Given
        assumeTrue(RabbitMqBroker.isInstalled(), "no RabbitMQ");
        Server.Kind proxies = proxy(ProxyServer.Log.STREAM_AND_JOURNAL, 2, QUIET);
        Server.Kind client = new Server.Unserved("raw client", "stream", Dialect.AMQP);
        Server.Kind file = new Server.Unserved("one fsync each", "fsync", Dialect.FILE);
        List<SubscriberKind> webSockets = List.of(SubscriberKind.WEB_SOCKET);

        // When
        boolean flawless = session(new Scenario.ScaleOut(1, MESSAGES), List.of(proxies), webSockets)
                        .repeat(0, "first")
                && session(List.of(client), webSockets).repeat(0, "first")
                && session(new Scenario.Publishes(0.2), List.of(client, file), webSockets)
                        .repeat(0, "first");

        // Then
        assertThat(flawless).isTrue();
        assertThat(file().read())
                .extracting(sample -> sample.values().get("deliveries"))
                .startsWith(2.0 * SUBSCRIBERS * MESSAGES, 1.0 * MESSAGES);
        assertThat(file().read().subList(2, 4))
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
