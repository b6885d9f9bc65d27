package io.jenkins.plugins.cvmfs.notify.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport.ReplicaReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState.RootCatalog;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.page.StepRecord.State;
import io.jenkins.plugins.cvmfs.notify.page.Timeline.Row;
import io.jenkins.plugins.cvmfs.notify.page.Timeline.Tick;
import io.jenkins.plugins.cvmfs.notify.page.WaitRecord.ReplicaRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TimelineTest {

    private static final Instant PUBLISHED = Instant.parse("2026-11-28T10:00:00Z");

    private static Instant after(long seconds) {
        return PUBLISHED.plusSeconds(seconds);
    }

    private static ReplicaReport replica(String name, @Nullable Instant published, @Nullable Instant available) {
        return replica(name, "http://%s.example.org/cvmfs/sw.example.org".formatted(name), published, available);
    }

    private static ReplicaReport replica(
            String name, String location, @Nullable Instant published, @Nullable Instant available) {
        Replica replica = new Replica(name, location);
        ReplicaState state = new ReplicaState(
                replica,
                null,
                available == null ? RootCatalog.UNKNOWN : RootCatalog.PRESENT,
                available,
                available,
                null,
                null,
                null,
                null);
        Duration latency = published == null || available == null ? null : Duration.between(published, available);
        return new ReplicaReport(state, "as the test says", latency, null);
    }

    private static WaitRecord wait(
            @Nullable Instant published, Instant started, @Nullable Instant ended, ReplicaReport... replicas) {
        Condition condition = new Condition(
                new RepositoryName("sw.example.org"),
                new Target.AtLeast(new Revision(7)),
                Stream.of(replicas).map(replica -> replica.state().replica()).toList(),
                Requirement.ALL,
                StalePolicy.WAIT,
                after(100_000),
                published);
        GateReport report = new GateReport(condition, null, Duration.ZERO, null, List.of(replicas), "");
        return new WaitRecord(
                report, ended == null ? State.RUNNING : State.DONE, "", "connected", Set.of(), started, ended);
    }

    private static double position(@Nullable String percent) {
        assertThat(percent).isNotNull().matches("\\d+\\.\\d\\d%");
        return Double.parseDouble(String.valueOf(percent).replace("%", ""));
    }

    @Test
    void aRowRunsFromPublishedOverAnnouncedToReadable() {
        // Given
        WaitRecord wait = wait(
                PUBLISHED,
                after(5),
                after(100),
                replica("site-a", PUBLISHED, after(25)),
                replica("site-b", null, null));

        // When
        Timeline timeline = Timeline.of(wait, after(4), after(500));

        // Then
        Row first = timeline.rows().get(0);
        Row second = timeline.rows().get(1);
        assertThat(position(timeline.published())).isLessThan(position(timeline.announced()));
        assertThat(position(timeline.announced())).isLessThan(position(first.readable()));
        assertThat(position(first.readable())).isLessThan(position(second.end()));
        assertThat(timeline.start()).isEqualTo(timeline.published());
        assertThat(first.latency()).isEqualTo("25 s");
        assertThat(first.label()).isEqualTo("site-a: announced 4.0 s after publication, readable after 25 s");
        assertThat(second.readable()).isNull();
        assertThat(second.latency()).isEqualTo("-");
        assertThat(second.label()).endsWith("not readable");
    }

    @Test
    void aReplicaThatIsReadThroughAProxySaysSo() {
        // Given
        String squid = "http://squid.example.org:3128";
        WaitRecord wait = wait(
                PUBLISHED,
                after(5),
                null,
                replica("site-a", "http://a.example.org/cvmfs/sw.example.org through " + squid, null, null));

        // When
        ReplicaRecord replica = wait.getReplicas().get(0);

        // Then
        assertThat(replica.getName()).isEqualTo("site-a");
        assertThat(replica.getProxy()).isEqualTo(squid);
        assertThat(replica.getTitle()).isEqualTo("site-a through " + squid);
        assertThat(Timeline.of(wait, null, after(50)).rows().get(0).label()).startsWith("site-a through " + squid);
    }

    @Test
    void theLineOfAReplicaThatIsWaitedForGrowsUntilNow() {
        // Given
        WaitRecord wait = wait(PUBLISHED, after(5), null, replica("site-a", null, null));

        // When
        Timeline timeline = Timeline.of(wait, null, after(50));

        // Then
        assertThat(timeline.rows().get(0).end())
                .isEqualTo(Timeline.of(wait, null, after(5000)).rows().get(0).end());
        assertThat(timeline.rows().get(0).label()).isEqualTo("site-a: not announced, not readable yet");
        assertThat(timeline.announced()).isNull();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 7, 59, 61, 3_599, 7_300, 86_400, 31_622_400})
    void aScaleHasFewMarksInOrderHoweverLongTheWaitIs(long seconds) {
        // Given
        WaitRecord wait = wait(PUBLISHED, PUBLISHED, after(seconds), replica("site-a", PUBLISHED, PUBLISHED));

        // When
        List<Tick> ticks = Timeline.of(wait, null, after(seconds)).ticks();

        // Then
        assertThat(ticks).hasSizeBetween(2, 6);
        assertThat(ticks.get(0).label()).isEqualTo("0");
        assertThat(ticks).extracting(Tick::label).doesNotHaveDuplicates().doesNotContain("");
        assertThat(ticks).extracting(tick -> position(tick.x())).isSorted().allMatch(x -> x >= 0 && x <= 100);
    }

    @Test
    void aPublicationLongBeforeTheWaitDoesNotSqueezeIt() {
        // Given
        Instant started = after(86_400);
        WaitRecord wait =
                wait(PUBLISHED, started, started.plusSeconds(10), replica("site-a", PUBLISHED, started.plusSeconds(1)));

        // When
        Timeline timeline = Timeline.of(wait, null, started.plusSeconds(10));

        // Then
        assertThat(timeline.cut()).isTrue();
        assertThat(timeline.published()).isNull();
        assertThat(timeline.origin()).isEqualTo("since the wait began");
        assertThat(position(timeline.rows().get(0).readable())).isBetween(20.0, 40.0);
        assertThat(timeline.rows().get(0).latency()).isEqualTo("at most 24 h 0 min");
    }

    @Test
    void clocksThatDisagreeLeaveEveryPositionInTheDrawing() {
        // Given
        WaitRecord wait = wait(after(60), PUBLISHED, after(10), replica("site-a", after(60), after(5)));

        // When
        Timeline timeline = Timeline.of(wait, after(3), after(10));

        // Then
        assertThat(position(timeline.published())).isBetween(0.0, 100.0);
        assertThat(position(timeline.rows().get(0).readable())).isBetween(0.0, 100.0);
    }
}
