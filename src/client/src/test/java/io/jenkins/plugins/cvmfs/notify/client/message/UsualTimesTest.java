package io.jenkins.plugins.cvmfs.notify.client.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsualTimesTest {

    @Test
    void replicasWithATimeAreRead() {
        UsualTimes times = parse("""
                {"repository": "sw.example.org", "replicas": [
                  {"url": "http://a/sw", "p50_seconds": 840.5, "p95_seconds": 1200, "measured": 7, "propagations": []},
                  {"url": "http://b/sw", "state": "unread"}]}
                """);

        assertThat(times.replicas())
                .containsExactly(
                        new UsualTimes.OfReplica("http://a/sw", Duration.ofMillis(840_500), Duration.ofMinutes(20)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"replicas\": [{\"url\": \"http://a/sw\", \"p50_seconds\": -1, \"p95_seconds\": 2}]}",
                "{\"replicas\": [{\"url\": \"http://a/sw\", \"p50_seconds\": 1e300, \"p95_seconds\": 2}]}",
                "{\"replicas\": [{\"url\": 7, \"p50_seconds\": 1, \"p95_seconds\": 2}]}",
                "{\"replicas\": \"none\"}",
                "{}"
            })
    void whatMakesNoSenseIsLeftOut(String text) {
        assertThat(parse(text).replicas()).isEmpty();
    }

    @Test
    void anAnswerOfAnotherKindDoesNotTell() {
        assertThat(UsualTimes.parse("<html>".getBytes(UTF_8))).isEmpty();
    }

    private static UsualTimes parse(String text) {
        return UsualTimes.parse(text.getBytes(UTF_8)).orElseThrow();
    }
}
