package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakGuard.class)
class StatusStreamRouteTest {

    private static final String WATCH = Requests.get("/feed", "Accept: text/event-stream\r\n");
    private static final String HEAD =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n";

    private final TestProxy proxy = new TestProxy(TestLimits.small());
    private final TestConnection watcher = new TestConnection(proxy);

    @AfterEach
    void disconnect() {
        watcher.disconnect();
    }

    @Test
    void aWatcherGetsTheWholeAndThenWhatChanges() {
        watcher.send(WATCH);
        assertThat(watcher.writes()).containsExactly(HEAD, chunk("retry: 1000\n\n"), event("whole", "first"));

        proxy.feed.become("zweitens: ü");
        proxy.watched.look();
        proxy.watched.look();

        assertThat(watcher.writes()).containsExactly(event("changes", "zweitens: \u00c3\u00bc"));
    }

    @Test
    void whoJoinsLaterKnowsTheSameAsTheOthers() {
        watcher.send(WATCH).writes();
        TestConnection second = new TestConnection(proxy);
        proxy.feed.become("second");

        second.send(WATCH);

        assertThat(watcher.writes()).containsExactly(event("changes", "second"));
        assertThat(second.received()).endsWith(event("whole", "second"));
        assertThat(proxy.watched.watchers()).isEqualTo(2);
        second.disconnect();
        assertThat(proxy.watched.watchers()).isEqualTo(1);
    }

    @Test
    void whoReadsTooSlowlyIsToldTheWholeOnceHeReads() {
        watcher.send(WATCH).writes();
        watcher.stopReading();
        proxy.feed.become("x".repeat(proxy.limits.backlogBytes()));
        proxy.watched.look();
        watcher.writes();
        for (int missed = 1; missed <= 20; missed++) {
            proxy.feed.become("state " + missed);
            proxy.watched.look();
        }
        watcher.letTimePass(Duration.ofMillis(1));

        watcher.readAgain();
        watcher.writes();
        proxy.watched.look();

        assertThat(watcher.writes()).containsExactly(event("whole", "state 20"));
    }

    @Test
    void whoDoesNotReadAtAllIsCutOff() {
        watcher.send(WATCH).writes();
        watcher.stopReading();
        proxy.feed.become("x".repeat(proxy.limits.backlogBytes()));
        proxy.watched.look();
        watcher.writes();

        watcher.letTimePass(proxy.limits.stalledTimeout().plusMillis(1));

        assertThat(watcher.isOpen()).isFalse();
        assertThat(proxy.watched.watchers()).isZero();
    }

    @Test
    void silenceIsBroken() {
        watcher.send(WATCH).writes();

        watcher.letTimePass(proxy.limits.pingInterval().plusMillis(1));
        proxy.watched.look();
        proxy.watched.look();

        assertThat(watcher.writes()).containsExactly(chunk(":\n\n"));
    }

    @Test
    void whoMayNotReadMayNotWatch() {
        proxy.feed.answerWith(401);

        watcher.send(WATCH);

        assertThat(watcher.received()).startsWith("HTTP/1.1 401 Unauthorized\r\n");
        assertThat(watcher.isOpen()).isTrue();
        assertThat(proxy.watched.watchers()).isZero();
    }

    @Test
    void withoutAskingForAStreamItIsAnEndpointLikeOthers() {
        watcher.send(Requests.get("/feed"));

        assertThat(watcher.received()).endsWith("Content-Length: 5\r\n\r\nfirst");
    }

    @Test
    void http10GetsItWithoutChunks() {
        watcher.send("GET /feed HTTP/1.0\r\nAccept: text/event-stream\r\n\r\n");

        assertThat(watcher.received())
                .endsWith("Connection: close\r\n\r\nretry: 1000\n\nevent: whole\ndata: first\n\n");
    }

    @Test
    void aProxyThatShutsDownEndsTheStreamCleanly() {
        watcher.send(WATCH).writes();

        watcher.tellFarewell();

        assertThat(watcher.writes()).containsExactly("0\r\n\r\n");
    }

    @Test
    void whoHasHalfClosedBeforeTheStreamBeganIsGone() {
        proxy.feed.beforeAnswer(watcher::closeOutput);

        watcher.send(WATCH);

        assertThat(watcher.isOpen()).isFalse();
        assertThat(proxy.watched.watchers()).isZero();
    }

    @Test
    void whoEndsItsHalfOfTlsIsGone() {
        watcher.send(WATCH).writes();

        watcher.closeTls();

        assertThat(watcher.isOpen()).isFalse();
        assertThat(proxy.watched.watchers()).isZero();
    }

    @Test
    void whoHasGoneBeforeItJoinedIsNotCounted() {
        List<Runnable> queued = new ArrayList<>();
        Watchers watchers = new Watchers(proxy.feed, queued::add, proxy.limits, proxy.answers);
        EmbeddedChannel channel = new EmbeddedChannel();
        RequestHead head = RequestHead.of(new DefaultHttpRequest(HttpVersion.HTTP_1_0, HttpMethod.GET, "/feed"));

        StatusStreamConnection.open(channel, head, watchers);
        channel.finishAndReleaseAll();
        queued.forEach(Runnable::run);

        assertThat(queued).hasSize(1);
        assertThat(watchers.count()).isZero();
    }

    @Test
    void oneMoreThanAllowedIsRefused() {
        List<TestConnection> all = new ArrayList<>();
        for (int i = 0; i < Watchers.LIMIT; i++) {
            all.add(new TestConnection(proxy).send(WATCH));
        }

        watcher.send(WATCH);

        assertThat(watcher.received())
                .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
                .contains("Retry-After: 5\r\n")
                .endsWith("{\"reason\":\"too_many_watchers\",\"status\":\"error\"}");
        all.forEach(TestConnection::disconnect);
        assertThat(proxy.watched.watchers()).isZero();
    }

    private static String event(String name, String data) {
        return chunk("event: " + name + "\ndata: " + data + "\n\n");
    }

    private static String chunk(String content) {
        return Integer.toHexString(content.length()) + "\r\n" + content + "\r\n";
    }
}
