package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Shutting down with work under way. */
@ExtendWith(LeakGuard.class)
class DrainTest {

    private static final String A = "a.example.org";

    private final TestProxy proxy = new TestProxy(TestLimits.small());
    private final HttpServer httpServer = proxy.httpServer();

    @BeforeEach
    void start() throws IOException {
        httpServer.start();
    }

    @AfterEach
    void close() {
        httpServer.close();
    }

    @Test
    void aPendingPublishIsAnsweredNewOnesAreRefusedAndNobodyConnectsAnyMore() throws IOException {
        proxy.log.holdConfirms();
        InetSocketAddress address = httpServer.address();
        try (RawClient pending = new RawClient(address);
                RawClient late = new RawClient(address)) {
            pending.send(Requests.publish(A, 1));
            late.send(Requests.get("/hello")).readOnce();
            await().until(() -> proxy.log.unconfirmed() == 1);

            CompletableFuture<Void> closed = CompletableFuture.runAsync(httpServer::close);

            await().until(proxy.publishService::isDraining);
            assertThat(late.send(Requests.publish(A, 2)).readOnce())
                    .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
                    .endsWith("{\"reason\":\"shutting_down\",\"status\":\"error\"}");
            assertThatThrownBy(() -> new RawClient(address)).isInstanceOf(ConnectException.class);
            assertThat(closed).isNotDone();
            proxy.log.confirmOne();
            assertThat(pending.readToEnd()).endsWith("{\"status\":\"ok\"}");
            closed.join();
            assertThat(late.readToEnd()).isEmpty();
        }
    }

    @Test
    void whatIsOnItsWayToSubscribersStillArrives() throws IOException {
        try (RawClient subscriber = new RawClient(httpServer.address())) {
            subscriber.send(Requests.get("/api/v1/subscribe?repository=" + A)).readUntil("retry: 1000\n\n\r\n");
            await().until(() -> proxy.subscribers(A) == 1);
            for (int revision = 1; revision <= 100; revision++) {
                proxy.publish(A, revision);
            }

            httpServer.close();

            assertThat(subscriber.readToEnd())
                    .contains(Requests.message(A, 100))
                    .endsWith("\r\n0\r\n\r\n");
        }
    }

    @Test
    void aPublishThatIsNeverConfirmedDoesNotHoldUpTheEndForLongerThanTheLimit() throws IOException {
        proxy.log.holdConfirms();
        HttpServer hasty = proxy.server(
                TestProxy.config(
                        "localhost", 0, TestConfigs.http(), TestLimits.withDrainTimeout(Duration.ofMillis(100))),
                TestProxy.LOOPS);
        hasty.start();
        try (RawClient pending = new RawClient(hasty.address())) {
            pending.send(Requests.publish(A, 1));
            await().until(() -> proxy.log.unconfirmed() == 1);

            hasty.close();

            assertThat(pending.readToEnd()).isEmpty();
        }
        proxy.log.confirmOne();
    }

    @Test
    void closingTwiceIsFineAlsoWithoutAStart() {
        HttpServer unused = proxy.httpServer();

        unused.close();
        unused.close();

        assertThatThrownBy(unused::address).isInstanceOf(IllegalStateException.class);
    }
}
