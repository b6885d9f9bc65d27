package io.jenkins.plugins.cvmfs.notify.proxy.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.http.HttpServer;
import io.jenkins.plugins.cvmfs.notify.proxy.http.RawClient;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Requests;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestProxy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Hundreds of subscribers of all three kinds on real sockets: everyone gets everything, once, in order; and everything is released. */
@ExtendWith(LeakGuard.class)
class ManySubscribersTest {

    private static final int OF_EACH_KIND = 200;
    private static final int REVISIONS = 20;
    private static final String A = "a.example.org";

    private final TestProxy proxy = new TestProxy(TestConfigs.limits());
    private final HttpServer httpServer = proxy.httpServer();
    private final List<RawClient> clients = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        httpServer.start();
    }

    @AfterEach
    void close() {
        httpServer.close();
    }

    @Test
    void everyoneGetsEverythingOnceInOrder() throws IOException {
        List<RawClient> webSockets = subscribe(Requests.upgrade("/api/v1/subscribe?repository=" + A), "\r\n\r\n");
        List<RawClient> byBody = subscribe(Requests.subscribeByBody(A), "\r\n\r\n");
        List<RawClient> byQuery = subscribe(Requests.get("/api/v1/subscribe?repository=" + A), "1000\n\n\r\n");

        IntStream.rangeClosed(1, REVISIONS).forEach(revision -> proxy.publish(A, revision));

        expect(webSockets, revision -> Frames.message(A, revision));
        expect(byBody, revision -> chunk("data: " + Requests.message(A, revision) + "\n\n"));
        expect(
                byQuery,
                revision -> chunk("data: " + Requests.message(A, revision) + "\nid: memory:" + revision + "\n\n"));
        // An event loop counts after it has written.
        for (String format : List.of("web_socket", "bare_event", "event")) {
            await().untilAsserted(() -> assertThat(proxy.count("cvmfs_notify_deliveries", "format", format))
                    .isEqualTo(OF_EACH_KIND * REVISIONS));
        }
        closeClientsAndExpectNothingLeft();
    }

    @Test
    void readersThatStoppedReadingCostTheOthersNothingAndCatchUpWithTheNewest() throws IOException {
        for (int i = 0; i < 10; i++) {
            RawClient stopped = new RawClient(httpServer.address(), 4096);
            clients.add(stopped.send(Requests.upgrade("/api/v1/subscribe?repository=" + A)));
        }
        RawClient reading = new RawClient(httpServer.address());
        clients.add(reading.send(Requests.upgrade("/api/v1/subscribe?repository=" + A)));
        await().until(() -> proxy.subscribers(A) == 11);
        reading.readUntil("\r\n\r\n");

        int last = 0;
        while (proxy.count("cvmfs_notify_conflated", "where", "subscriber") < 1000) {
            proxy.publish(A, ++last);
            assertThat(reading.readUntil(Frames.message(A, last))).isEqualTo(Frames.message(A, last));
        }

        for (RawClient stopped : clients.subList(0, 10)) {
            assertThat(stopped.readUntil(Frames.message(A, last))).contains(Frames.message(A, 1));
        }
        closeClientsAndExpectNothingLeft();
    }

    private List<RawClient> subscribe(String request, String greetingEnd) throws IOException {
        int before = proxy.subscribers(A);
        List<RawClient> some = new ArrayList<>();
        for (int i = 0; i < OF_EACH_KIND; i++) {
            RawClient client = new RawClient(httpServer.address());
            clients.add(client);
            some.add(client.send(request));
        }
        for (RawClient client : some) {
            client.readUntil(greetingEnd);
        }
        await().until(() -> proxy.subscribers(A) == before + OF_EACH_KIND);
        return some;
    }

    private static void expect(List<RawClient> clients, Function<Integer, String> format) throws IOException {
        String all = IntStream.rangeClosed(1, REVISIONS).boxed().map(format).collect(Collectors.joining());
        for (RawClient client : clients) {
            assertThat(client.readUntil(format.apply(REVISIONS))).isEqualTo(all);
        }
    }

    private void closeClientsAndExpectNothingLeft() throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
        await().untilAsserted(() ->
                assertThat(proxy.fanOut.subscribers(new RepositoryName(A))).isZero());
        await().untilAsserted(() ->
                assertThat(proxy.gauge("cvmfs_notify_connections")).isZero());
        assertThat(proxy.gauge("cvmfs_notify_subscriptions")).isZero();
    }

    private static String chunk(String content) {
        return Integer.toHexString(content.length()) + "\r\n" + content + "\r\n";
    }
}
