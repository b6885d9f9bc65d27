package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LastValues;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry.Recency;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.PeerSync.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {

    private static final Instant TIME = Instant.parse("2026-11-23T21:13:15.123Z");

    private static LogEntry entry(String repository, int revision) {
        return new LogEntry(
                new Announcement(
                        Activities.message(repository, revision),
                        new LogPosition("0123456789abcdef", revision),
                        TIME.plusSeconds(revision)),
                new UUID(1, revision));
    }

    private static LastValues values(LogEntry... entries) {
        return new LastValues(TestConfigs.repositories(), List.of(entries));
    }

    @Test
    void aDigestSurvivesItsJourney() {
        Digest digest = new Digest(
                true,
                Map.of(
                        new RepositoryName("a.example.org"), new Recency(TIME, new UUID(1, 2)),
                        new RepositoryName("b.example.org"), new Recency(TIME.plusMillis(1), null)));

        assertThat(Digest.decode(digest.encode())).contains(digest);
    }

    @Test
    void theDigestOfOneWhoKnowsNothingSurvivesItsJourney() {
        Digest nothing = Digest.of(values());

        assertThat(Digest.decode(nothing.encode())).contains(nothing);
        assertThat(nothing.lacks(entry("a.example.org", 1))).isTrue();
    }

    @Test
    void oneLacksWhatIsNewerOrNotKnownAtAll() {
        Digest digest = Digest.of(values(entry("a.example.org", 5)));

        assertThat(digest.lacks(entry("a.example.org", 6))).isTrue();
        assertThat(digest.lacks(entry("a.example.org", 5))).isFalse();
        assertThat(digest.lacks(entry("a.example.org", 4))).isFalse();
        assertThat(digest.lacks(entry("b.example.org", 1))).isTrue();
    }

    @Test
    void oneWhoAsksAboutSomeRepositoriesIsNotSentOthers() {
        Digest digest = Digest.of(values(), List.of(new RepositoryName("a.example.org")));

        assertThat(digest.lacks(entry("a.example.org", 1))).isTrue();
        assertThat(digest.lacks(entry("b.example.org", 1))).isFalse();
        assertThat(digest.isAheadOf(values())).isFalse();
    }

    @Test
    void oneIsAheadWhoKnowsSomethingNewerOrMore() {
        Digest digest = Digest.of(values(entry("a.example.org", 5)));

        assertThat(digest.isAheadOf(values(entry("a.example.org", 4)))).isTrue();
        assertThat(digest.isAheadOf(values())).isTrue();
        assertThat(digest.isAheadOf(values(entry("a.example.org", 5)))).isFalse();
        assertThat(digest.isAheadOf(values(entry("a.example.org", 6)))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "none",
                "all\n",
                "all\na.example.org",
                "all\na.example.org 1",
                "all\na.example.org x -",
                "all\na.example.org 1 x",
                "all\na.example.org 99999999999999999999 -",
                "all\n_a 1 -"
            })
    void anythingElseIsNoDigest(String text) {
        assertThat(Digest.decode(text.getBytes(US_ASCII))).isEmpty();
    }
}
