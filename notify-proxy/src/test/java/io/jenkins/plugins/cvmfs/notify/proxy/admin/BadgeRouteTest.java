package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Redeliveries;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestRequest;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.Activities;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BadgeRouteTest {

    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOON, ZoneOffset.UTC);
    private static final String ATLAS = "atlas.example.org";

    private final FanOut fanOut = new FanOut(
            TestConfigs.repositories(),
            Duration.ofSeconds(1),
            Long.MAX_VALUE,
            Redeliveries.off(),
            CLOCK,
            new SimpleMeterRegistry());
    private final BadgeRoute badges = new BadgeRoute(fanOut, CLOCK);

    @ParameterizedTest
    @CsvSource({"0, just now", "300, 5 min ago", "7200, 2 h ago", "864000, 10 d ago"})
    void aBadgeHasTheRevisionAndItsAge(long seconds, String age) {
        announce(NOON.minusSeconds(seconds));

        Response badge = get(ATLAS);

        assertThat(badge.status()).isEqualTo(200);
        assertThat(badge.contentType()).isEqualTo("image/svg+xml");
        assertThat(badge.body()).contains("<title>atlas.example.org: revision 42, " + age + "</title>");
        assertThat(badge.headerLines()).contains("Cache-Control: no-cache\r\n", "ETag: ", "default-src 'none'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing.example.org", "-", "<script>", "a/b", "\"onload=\"x"})
    void anUnknownRepositoryHasABadgeThatSaysSoAndNothingElse(String name) {
        Response badge = get(name);

        assertThat(badge.status()).isEqualTo(200);
        assertThat(badge.body()).contains(": unknown</title>").doesNotContain("<script", "onload", "a/b");
    }

    @Test
    void aBadgeIsSentAgainOnlyWhenItsTextChanges() {
        announce(NOON);
        String tag = get(ATLAS).headerLines().replaceFirst("(?s).*ETag: ([^\r]+)\r.*", "$1");

        Response known = TestRequest.answer(badges, TestRequest.get("/badge/" + ATLAS + ".svg", "If-None-Match", tag));

        assertThat(known.status()).isEqualTo(304);
    }

    @Test
    void whoMayNotSeeThePageMayNotSeeABadge() {
        GuardedRoute guarded = new GuardedRoute(badges, request -> false);

        assertThat(TestRequest.answer(guarded, TestRequest.get("/badge/" + ATLAS + ".svg"))
                        .status())
                .isEqualTo(401);
    }

    private Response get(String name) {
        return TestRequest.answer(badges, TestRequest.get("/badge/" + name + ".svg"));
    }

    private void announce(Instant at) {
        fanOut.delivered(new Announcement(Activities.message(ATLAS, 42), new LogPosition("e", 1), at));
    }
}
