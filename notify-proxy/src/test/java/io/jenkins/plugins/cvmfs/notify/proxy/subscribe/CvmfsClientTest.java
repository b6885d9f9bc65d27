package io.jenkins.plugins.cvmfs.notify.proxy.subscribe;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Redeliveries;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Requests;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestConnection;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestProxy;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.InMemoryActivityLog;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mounted CVMFS clients by their rules, on a clock that is moved by hand: one that fails eleven times in a minute is deaf for good. */
@ExtendWith(LeakGuard.class)
class CvmfsClientTest {

    private static final String A = "a.example.org";
    private static final Duration STEP = Duration.ofMillis(100);
    private static final Duration MANIFEST_LIFETIME = Duration.ofSeconds(61);

    private final EmbeddedChannel timer = new EmbeddedChannel();
    private final List<Client> clients = new ArrayList<>();
    private final Stratum1 stratum1 = new Stratum1();
    private Duration now = Duration.ZERO;
    private TestProxy proxy = proxy(TestConfigs.delivery());

    CvmfsClientTest() {
        timer.freezeTime();
    }

    private TestProxy proxy(DeliveryConfig delivery) {
        return new TestProxy(
                TestLimits.small(),
                TestConfigs.access(AnonymousPublish.EVERYONE),
                Redeliveries.of(delivery, timer.eventLoop()),
                Clock.fixed(InMemoryActivityLog.NOW, ZoneOffset.UTC));
    }

    @AfterEach
    void disconnect() {
        clients.forEach(Client::disconnect);
        timer.finishAndReleaseAll();
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 10})
    void aClientWhoseWebServerFailsFor45SecondsRepairsItself(int delaySeconds) {
        proxy = proxy(delivery(delaySeconds));
        Client client = mounted();

        stratum1.isUp = false;
        publish(2);
        letPass(Duration.ofSeconds(45));
        assertThat(client.revision).isEqualTo(1);
        stratum1.isUp = true;
        letPass(Duration.ofSeconds(delaySeconds));

        assertThat(client.isDeaf).isFalse();
        assertThat(client.revision).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 5})
    void aShorterDelayWouldNotSaveIt(int delaySeconds) {
        proxy = proxy(delivery(delaySeconds));
        Client client = mounted();

        stratum1.isUp = false;
        publish(2);
        letPass(Duration.ofSeconds(65));

        assertThat(client.isDeaf).isTrue();
    }

    @Test
    void anAnnouncementThatCanNeverBeUsedMakesNobodyDeaf() {
        Client client = mounted();
        Client neighbour = mounted();

        stratum1.isUp = false;
        publish(2);
        letPass(Duration.ofMinutes(10));
        stratum1.isUp = true;
        publish(3);

        assertThat(clients).noneMatch(it -> it.isDeaf);
        assertThat(client.revision).isEqualTo(3);
        assertThat(neighbour.revision).isEqualTo(3);
    }

    @Test
    void aClientBehindAWarmCacheSeesTheRevisionWhenItIsToldOnceMore() {
        Client client = mounted(new Cache());

        publish(2);
        letPass(Duration.ofSeconds(64));
        assertThat(client.revision).isEqualTo(1);
        letPass(Duration.ofSeconds(1));

        assertThat(client.revision).isEqualTo(2);
        assertThat(client.isDeaf).isFalse();
    }

    @Test
    void withoutTheRepetitionItWouldNotSeeIt() {
        proxy = proxy(new DeliveryConfig(Duration.ofSeconds(10), Duration.ZERO, List.of(), List.of()));
        Client client = mounted(new Cache());

        publish(2);
        letPass(Duration.ofMinutes(2));

        assertThat(client.revision).isEqualTo(1);
    }

    @Test
    void theClientsOfOneAddressAreAllServedWhileOneOfThemFails() {
        Client broken = mounted();
        broken.canVerify = false;

        publish(2);
        Client late = mounted();
        letPass(Duration.ofSeconds(10));

        assertThat(late.revision).isEqualTo(2);
        assertThat(late.received).isEqualTo(1);
        letPass(Duration.ofMinutes(5));
        assertThat(broken.isDeaf).isFalse();
    }

    @Test
    void aWebSocketOfCvmfsGetsTheSameFrameOnceMoreAndAnotherProgramsDoesNot() {
        TestConnection cvmfs = webSocket("Origin: http://proxy.example.org:4930\r\n");
        TestConnection other = webSocket("User-Agent: other/1.0\r\n");
        publish(2);
        assertThat(cvmfs.writes()).containsExactly(Frames.message(A, 2));
        assertThat(other.writes()).containsExactly(Frames.message(A, 2));

        letPass(Duration.ofSeconds(65));

        assertThat(cvmfs.writes()).containsExactly(Frames.message(A, 2));
        assertThat(other.writes()).isEmpty();
        cvmfs.disconnect();
        other.disconnect();
    }

    private TestConnection webSocket(String header) {
        TestConnection socket = new TestConnection(proxy);
        socket.send(Requests.upgrade("/api/v1/subscribe", header)).received();
        return socket.send(Frames.subscription(A));
    }

    private static DeliveryConfig delivery(int delaySeconds) {
        return new DeliveryConfig(Duration.ofSeconds(delaySeconds), Duration.ZERO, List.of(), List.of());
    }

    /** Has the revision of its server. */
    private Client mounted() {
        return mounted(null);
    }

    private Client mounted(@Nullable Cache cache) {
        Client client = new Client(cache);
        clients.add(client);
        client.connect();
        return client;
    }

    private void publish(long revision) {
        stratum1.revision = revision;
        proxy.publish(A, revision);
        clients.forEach(Client::read);
    }

    private void letPass(Duration time) {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(STEP)) {
            now = now.plus(STEP);
            timer.advanceTimeBy(STEP.toNanos(), TimeUnit.NANOSECONDS);
            timer.runPendingTasks();
            clients.forEach(Client::letStepPass);
        }
    }

    private static final class Stratum1 {
        private long revision = 1;
        private boolean isUp = true;
    }

    /** Keeps a manifest for as long as its server allows. */
    private final class Cache {
        private long revision = stratum1.revision;
        private Duration fetched = now;

        long read() {
            if (now.minus(fetched).compareTo(MANIFEST_LIFETIME) >= 0) {
                revision = stratum1.revision;
                fetched = now;
            }
            return revision;
        }
    }

    private final class Client {

        private static final int MAX_FAILURES = 11;
        private static final Duration WINDOW = Duration.ofSeconds(60);
        private static final Pattern EVENT = Pattern.compile("\"manifest\"[ :]*\"([^\"]*)\"");

        private final @Nullable Cache cache;
        private TestConnection connection = new TestConnection(proxy);
        private long revision = stratum1.revision;
        private int received;
        private boolean canVerify = true;
        private boolean isDeaf;
        private int failures;
        private Duration windowStart = now;

        Client(@Nullable Cache cache) {
            this.cache = cache;
        }

        void connect() {
            connection = new TestConnection(proxy);
            connection.send(Requests.subscribeByBody(A));
        }

        void letStepPass() {
            connection.letTimePass(STEP);
            read();
        }

        /** Takes every announcement that has arrived, also those on the connections that it makes meanwhile. */
        void read() {
            String text = isDeaf ? "" : connection.received();
            Matcher event = EVENT.matcher(text);
            if (event.find()) {
                received++;
                assertThat(new String(Base64.getDecoder().decode(event.group(1)), UTF_8))
                        .contains("N" + A);
                if (canVerify && stratum1.isUp) {
                    revision = cache == null ? stratum1.revision : cache.read();
                } else {
                    fail();
                }
            }
        }

        private void fail() {
            connection.disconnect();
            if (now.minus(windowStart).compareTo(WINDOW) < 0) {
                failures++;
            } else {
                failures = 0;
                windowStart = now;
            }
            isDeaf = failures == MAX_FAILURES;
            if (!isDeaf) {
                connect();
                read();
            }
        }

        void disconnect() {
            connection.disconnect();
        }
    }
}
