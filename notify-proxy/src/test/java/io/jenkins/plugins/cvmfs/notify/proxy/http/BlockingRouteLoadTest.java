package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.HealthRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.MetricsRoute;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.micrometer.core.instrument.Gauge;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** More requests for metrics than can be answered, while a scrape takes for ever. */
@ExtendWith(LeakGuard.class)
class BlockingRouteLoadTest {

    private static final int SCRAPERS = 150;

    private final TestProxy proxy = new TestProxy(TestLimits.withConnections(SCRAPERS + 10));
    private final ExecutorService thread = BlockingRoute.newThread();
    private final MetricsRoute metrics = new MetricsRoute(thread);
    private final CountDownLatch readable = new CountDownLatch(1);
    private final AtomicInteger scrapes = new AtomicInteger();
    private final List<RawClient> scrapers = new ArrayList<>();
    private final HttpServer httpServer = proxy.server(
            TestProxy.config("localhost", 0, TestConfigs.http(), proxy.limits),
            TestProxy.LOOPS,
            new HealthRoute(proxy.log, proxy.publishService),
            metrics);

    @BeforeEach
    void scrapeThatDoesNotEnd() throws IOException {
        Gauge.builder("zz_slow", this::readSlowly).register(metrics.registry());
        httpServer.start();
        for (int i = 0; i < SCRAPERS; i++) {
            RawClient scraper = new RawClient(httpServer.address());
            scrapers.add(scraper);
            scraper.send(Requests.get("/metrics"));
        }
        await().until(() -> scrapes.get() == 1);
    }

    private double readSlowly() {
        scrapes.incrementAndGet();
        try {
            readable.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 1;
    }

    @AfterEach
    void close() throws IOException {
        readable.countDown();
        for (RawClient scraper : scrapers) {
            scraper.close();
        }
        httpServer.close();
        metrics.close();
        thread.shutdownNow();
    }

    @Test
    void healthAndReadinessAreAnsweredMeanwhile() throws IOException {
        for (String path : List.of("/healthz", "/readyz")) {
            try (RawClient probe = new RawClient(httpServer.address())) {
                probe.send(Requests.get(path));

                assertThat(probe.readUntil("}"))
                        .startsWith("HTTP/1.1 200 OK\r\n")
                        .contains("{\"status\":\"ok\"");
            }
        }
    }

    @Test
    void allWhoAskMeanwhileShareOneScrape() throws IOException {
        readable.countDown();

        for (RawClient scraper : scrapers) {
            assertThat(scraper.readUntil("\nzz_slow 1.0\n")).startsWith("HTTP/1.1 200 OK\r\n");
        }
        assertThat(scrapes).hasValue(1);
    }
}
