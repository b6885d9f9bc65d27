package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.abuse.Effort;
import io.jenkins.plugins.cvmfs.notify.proxy.abuse.Footprint;
import io.jenkins.plugins.cvmfs.notify.proxy.abuse.Fuzz;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.Accesses;
import io.jenkins.plugins.cvmfs.notify.proxy.subscribe.Frames;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Clients that mean no good, on real sockets. Meanwhile a well-behaved subscriber hears of every publish, in order, and every publish
 * is answered with 200; afterwards everything the bad ones held is free again.
 */
@ExtendWith(LeakGuard.class)
class AbusiveClientsIT {

    private static final String A = "a.example.org";
    private static final Duration USUAL = TestConfigs.limits().requestTimeout();

    private final Footprint before = Footprint.now();
    private final List<RawClient> bad = new ArrayList<>();
    private TestProxy proxy;
    private HttpServer httpServer;
    private RawClient publisher;
    private RawClient subscriber;
    private int published;

    private static LimitsConfig limits(Duration requestTimeout) {
        LimitsConfig usual = TestConfigs.limits();
        return new LimitsConfig(
                usual.maxConnections(),
                usual.maxSubscriptionsPerConnection(),
                usual.repositories(),
                usual.maxMessageBytes(),
                usual.maxPendingPublishes(),
                usual.maxHeaderBytes(),
                usual.backlogBytes(),
                usual.fairShare(),
                requestTimeout,
                usual.handshakeTimeout(),
                usual.idleTimeout(),
                usual.pingInterval(),
                usual.stalledTimeout(),
                usual.drainTimeout());
    }

    private static ConditionFactory await() {
        return Awaitility.await().atMost(Duration.ofSeconds(60));
    }

    private void start(Duration requestTimeout) throws IOException {
        proxy = new TestProxy(limits(requestTimeout));
        httpServer = proxy.httpServer();
        httpServer.start();
        publisher = new RawClient(httpServer.address());
        publisher.send(Requests.publish(A, ++published)).readUntil("}");
        subscriber = new RawClient(httpServer.address());
        subscriber.send(Requests.upgrade("/api/v1/subscribe?repository=" + A)).readUntil(Frames.message(A, published));
    }

    @AfterEach
    void everythingIsFreeAgain() throws IOException {
        othersAreServed(5);
        for (RawClient client : bad) {
            client.close();
        }
        publisher.close();
        subscriber.close();
        await().untilAsserted(() ->
                assertThat(proxy.gauge("cvmfs_notify_connections")).isZero());
        await().untilAsserted(() ->
                assertThat(proxy.gauge("cvmfs_notify_subscriptions")).isZero());
        httpServer.close();
        before.awaitDescriptorsClosed();
    }

    private RawClient badClient() throws IOException {
        RawClient client = new RawClient(httpServer.address());
        bad.add(client);
        return client;
    }

    /** So many publishes are accepted one after the other, and the subscriber hears each. */
    private void othersAreServed(int times) throws IOException {
        for (int i = 0; i < times; i++) {
            publisher.send(Requests.publish(A, ++published));
            assertThat(publisher.readUntil("{\"status\":\"ok\"}")).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(subscriber.readUntil(Frames.message(A, published))).isEqualTo(Frames.message(A, published));
        }
    }

    @Test
    void anyBytesHoldNobodyUp() throws IOException {
        start(USUAL);
        Fuzz.of(
                        Requests.publish("b.example.org", 1),
                        Requests.subscribeByBody(A),
                        Requests.upgrade("/api/v1/subscribe?repository=" + A)
                                + new String(Frames.subscription("b.example.org"), ISO_8859_1))
                .each(300, (input, random) -> {
                    try (RawClient client = new RawClient(httpServer.address())) {
                        client.trySend(new String(input, ISO_8859_1));
                        if (random.nextBoolean()) {
                            client.closeOutput();
                        }
                    }
                    othersAreServed(random.nextInt(2));
                });
    }

    @Test
    void slowLorisIsToldThatItsTimeIsUp() throws IOException {
        start(Duration.ofSeconds(1));
        for (int i = 0; i < 300; i++) {
            badClient().send("POST /api/v1/publish HTTP/1.1\r\nHost: x\r\nX-Slow");
        }
        // Each sends a little more now and then, which does not help it.
        while (proxy.count("cvmfs_notify_requests", "resource", "none", "status", "408") < 300) {
            for (RawClient loris : bad) {
                loris.trySend("x");
            }
            othersAreServed(1);
        }

        assertThat(bad.get(0).readOnce()).startsWith("HTTP/1.1 408 ");
    }

    @Test
    void connectionsWithoutARequestAreClosed() throws IOException {
        start(Duration.ofSeconds(1));
        // Both ends are in this process, which may often open 20,000 files.
        int many = Effort.choose(2_000, 9_000);
        for (int i = 0; i < many; i++) {
            badClient();
            if (i % 100 == 0) {
                othersAreServed(1);
            }
        }

        // Theirs and the two good ones; those that came early may have been closed already.
        await().untilAsserted(() ->
                assertThat(proxy.gauge("cvmfs_notify_connections")).isEqualTo(2));
        assertThat(proxy.count("cvmfs_notify_connections_timed_out")).isEqualTo(many);
    }

    @Test
    void connectionsThatAreHalfClosedBeforeARequestAreClosed() throws IOException {
        start(USUAL);
        for (int i = 0; i < 300; i++) {
            RawClient half = badClient().send("GET /api");
            half.closeOutput();
        }
        othersAreServed(5);

        await().untilAsserted(() ->
                assertThat(proxy.gauge("cvmfs_notify_connections")).isEqualTo(2));
    }

    @Test
    void framesThatDripByteByByteAreReadAndHoldNobodyUp() throws IOException {
        start(USUAL);
        for (int i = 0; i < 50; i++) {
            badClient().send(Requests.upgrade("/api/v1/subscribe")).readUntil("\r\n\r\n");
        }
        byte[] subscription = Frames.subscription("b.example.org");
        for (byte next : subscription) {
            for (RawClient dripping : bad) {
                dripping.send(new byte[] {next});
            }
            othersAreServed(1);
        }

        await().until(() -> proxy.subscribers("b.example.org") == 50);
        proxy.publish("b.example.org", 1);
        for (RawClient dripping : bad) {
            assertThat(dripping.readUntil(Frames.message("b.example.org", 1))).isNotEmpty();
        }
    }

    @Test
    void readersThatStopReadingLongMessagesKeepNothingButTheNewest() throws IOException {
        start(USUAL);
        for (int i = 0; i < 20; i++) {
            RawClient stopped = new RawClient(httpServer.address(), 4096);
            bad.add(stopped);
            stopped.send(Requests.upgrade("/api/v1/subscribe?repository=long.example.org"));
        }
        await().until(() -> proxy.subscribers("long.example.org") == 20);
        int revision = 0;
        while (proxy.count("cvmfs_notify_conflated", "where", "subscriber") < 5_000) {
            proxy.publishService
                    .submit(longMessage(++revision), Accesses.stranger(), List.of())
                    .join();
            othersAreServed(revision % 20 == 0 ? 1 : 0);
        }

        // Each may keep one message of 20 KB beyond its backlog.
        assertThat(proxy.gauge("cvmfs_notify_backlog_reserved_bytes"))
                .isLessThanOrEqualTo(20 * (TestConfigs.limits().backlogBytes() + 21_000));
        String last = new String(longMessage(revision), ISO_8859_1);
        for (RawClient stopped : bad) {
            assertThat(stopped.readUntil(last)).doesNotContain("error");
        }
    }

    /** Of 20 KB. */
    private static byte[] longMessage(int revision) {
        String message = Requests.message("long.example.org", revision);
        return (message.substring(0, message.length() - 1) + ", \"padding\" : \"" + "x".repeat(20_000) + "\"}")
                .getBytes(ISO_8859_1);
    }

    @Test
    void of256PublishersAtOnceOnOneRepositoryEachIsAnsweredAndReceivedOnce() throws Exception {
        start(USUAL);
        List<Callable<String>> tasks = IntStream.rangeClosed(1, 256)
                .<Callable<String>>mapToObj(revision -> () -> {
                    try (RawClient client = new RawClient(httpServer.address())) {
                        return client.send(Requests.publish("b.example.org", revision))
                                .readUntil("}");
                    }
                })
                .toList();
        RawClient one = badClient().send(Requests.upgrade("/api/v1/subscribe?repository=b.example.org"));
        RawClient other = badClient().send(Requests.upgrade("/api/v1/subscribe?repository=b.example.org"));
        one.readUntil("\r\n\r\n");
        other.readUntil("\r\n\r\n");
        await().until(() -> proxy.subscribers("b.example.org") == 2);

        assertThat(runAtOnce(tasks)).allMatch(answer -> answer.startsWith("HTTP/1.1 200 OK\r\n"));

        proxy.publish("b.example.org", 257);
        String received = one.readUntil(Frames.message("b.example.org", 257));
        for (int revision = 1; revision <= 256; revision++) {
            assertThat(received).containsOnlyOnce(Frames.message("b.example.org", revision));
        }
        assertThat(other.readUntil(Frames.message("b.example.org", 257))).isEqualTo(received);
    }

    @Test
    void stormsOfSubscriptionsLeaveNothingBehind() throws Exception {
        start(USUAL);
        List<Callable<Integer>> tasks = IntStream.range(0, 32)
                .<Callable<Integer>>mapToObj(storm -> () -> subscribeAndGo(Effort.choose(50, 1_000)))
                .toList();
        ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
        try {
            List<Future<Integer>> storms = tasks.stream().map(threads::submit).toList();
            while (!storms.stream().allMatch(Future::isDone)) {
                othersAreServed(1);
            }
            for (Future<Integer> storm : storms) {
                assertThat(storm.get()).isPositive();
            }
        } finally {
            threads.shutdownNow();
        }
        await().until(() -> proxy.subscribers(A) == 1);
        assertThat(proxy.subscribers("b.example.org")).isZero();
    }

    /** Subscribes in one of the ways, mostly reads a little, and goes in one of the ways. */
    private int subscribeAndGo(int times) throws IOException {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int done = 0;
        for (; done < times; done++) {
            try (RawClient client = new RawClient(httpServer.address())) {
                client.send(
                        switch (random.nextInt(3)) {
                            case 0 ->
                                Requests.upgrade("/api/v1/subscribe?repository=" + A + "&repository=b.example.org");
                            case 1 -> Requests.subscribeByBody(A);
                            default -> Requests.get("/api/v1/subscribe?repository=b.example.org");
                        });
                if (random.nextBoolean()) {
                    assertThat(client.readOnce()).startsWith("HTTP/1.1 ");
                }
                if (random.nextBoolean()) {
                    client.closeOutput();
                }
            }
        }
        return done;
    }

    private static <T> List<T> runAtOnce(List<Callable<T>> tasks) throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(tasks.size());
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> task : threads.invokeAll(tasks)) {
                results.add(task.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }
}
