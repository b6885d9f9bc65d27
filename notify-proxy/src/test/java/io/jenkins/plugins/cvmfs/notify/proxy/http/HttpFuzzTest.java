package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.abuse.CaughtFailures;
import io.jenkins.plugins.cvmfs.notify.proxy.abuse.Fuzz;
import io.jenkins.plugins.cvmfs.notify.proxy.subscribe.Frames;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Bytes into the pipeline in pieces of any size. */
@ExtendWith(LeakGuard.class)
class HttpFuzzTest {

    private static final String SUBSCRIBE = "/api/v1/subscribe";
    private static final String[] REQUESTS = {
        Requests.publish("a.example.org", 7),
        Requests.publishByCvmfs("/api/v1/notifications/publish", Requests.message("b.example.org", 8)),
        "POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"ver\r\n1a;x=y\r\n"
                + "sion\":1,\"repository\":\"x\"}  \r\n0\r\nTrailer: 1\r\n\r\n",
        "POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
        Requests.get(SUBSCRIBE + "?repository=a.example.org&repository=b.example.org&after=7"),
        Requests.get(SUBSCRIBE + "?repository=a.example.org", "Last-Event-ID: memory:1\r\n"),
        Requests.subscribeByBody("a.example.org"),
        Requests.upgrade(SUBSCRIBE, "Sec-WebSocket-Protocol: json\r\n"),
        Requests.get("/hello") + Requests.get("/hello") + Requests.request("OPTIONS", "*", ""),
        "GET http://x/hello?a=%20b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        Requests.request("HEAD", "/hello", "", "Connection: close\r\n"),
    };

    private TestProxy proxy;

    private void startProxy() {
        proxy = new TestProxy(TestLimits.small());
        proxy.publish("a.example.org", 7);
    }

    @Test
    void anyBytesAreAnsweredWithHttpOrNotAtAllAndLeaveNothingBehind() {
        startProxy();
        int[] sent = {0};
        try (CaughtFailures caught = CaughtFailures.of(TestProxy.CONNECTION, Frames.SUBSCRIBER)) {
            Fuzz.of(REQUESTS)
                    .words(
                            "Content-Length: 5\r\n",
                            "Transfer-Encoding: chunked\r\n",
                            "Expect: 100-continue\r\n",
                            "Host: y\r\n",
                            "Connection: close\r\n",
                            "\r\n\r\n",
                            "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
                            "?repository=",
                            "&repository=c.example.org",
                            "HTTP/2.0",
                            "X: y\r\n z\r\n",
                            "/")
                    .each(5_000, (input, random) -> {
                        if (++sent[0] % 500 == 0) {
                            startProxy();
                        }
                        converse(input, random);
                        assertThat(caught.all()).isEmpty();
                    });
        }
        TestConnection healthy = new TestConnection(proxy).send(Requests.get("/hello"));
        assertThat(healthy.received()).startsWith("HTTP/1.1 200 OK");
        healthy.disconnect();
    }

    private void converse(byte[] input, Random random) {
        TestConnection connection = new TestConnection(proxy);
        for (int from = 0; from < input.length && connection.isOpen(); ) {
            int to = Math.min(input.length, from + 1 + random.nextInt(random.nextBoolean() ? 20 : input.length));
            connection.send(Arrays.copyOfRange(input, from, to));
            from = to;
        }
        String answers = connection.received();
        if (!answers.isEmpty()) {
            assertThat(answers).matches("(?s)HTTP/1\\.1 [1-5][0-9]{2} .*").doesNotContain("internal_error");
        }
        boolean subscribed = proxy.subscribers() > 0;
        // A connection that is no subscriber has asked for something in time, or is closed.
        connection.letTimePass(TestLimits.REQUEST.plus(TestLimits.IDLE).plus(Duration.ofSeconds(1)));
        connection.letTimePass(Duration.ofSeconds(ConnectionClose.LINGER_SECONDS));
        if (!subscribed) {
            assertThat(connection.isOpen()).as("still open").isFalse();
        }
        connection.disconnect();
        assertThat(proxy.subscribers()).isZero();
    }
}
