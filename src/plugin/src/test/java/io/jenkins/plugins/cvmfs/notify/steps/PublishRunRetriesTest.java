package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.ManualClock;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.page.AnnouncementRecord;
import io.jenkins.plugins.cvmfs.notify.page.StepRecord;
import io.jenkins.plugins.cvmfs.notify.steps.BuildHandle.Ending;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is tried again, and when a publish goes on, gives up or is stopped. */
final class PublishRunRetriesTest {

    private static final CvmfsPublishNotifyStep BY_NAME = Samples.publish("sw.example.org", null, null, null);
    private static final CvmfsPublishNotifyStep BY_FILE = Samples.publish(null, null, ".cvmfspublished", null);

    @TempDir
    private Path folder;

    private final ManualClock clock = new ManualClock(Instant.parse("2026-11-24T10:00:00Z"));
    private final RecordingBuild build = new RecordingBuild();
    private final ScriptedResources resources = new ScriptedResources();
    private ScriptedSite site;

    @BeforeEach
    void open() throws IOException {
        site = new ScriptedSite(folder, clock);
    }

    @AfterEach
    void close() {
        resources.close();
        site.close();
    }

    private PublishRun begin(CvmfsPublishNotifyStep step) {
        return begin(step.prepare(site.sites(), clock.instant()));
    }

    private PublishRun begin(PublishState state) {
        PublishRun run = new PublishRun(state, build, resources, clock, build::end);
        run.begin(site.sites());
        return run;
    }

    private void awaitEnd() {
        await().until(() -> !build.endings.isEmpty());
    }

    private static boolean isRetry(String line) {
        return line.contains("retrying until");
    }

    @Test
    void aBusyServerIsTriedAgainAndLoggedOnce() {
        // Given
        site.refusals.addAll(List.of(503, 503, 503));

        // When
        begin(BY_NAME);

        // Then
        awaitEnd();
        assertThat(build.endings.get(0)).isInstanceOf(Ending.Success.class);
        assertThat(build.log).last().asString().endsWith("attempts: 4");
        assertThat(build.log.stream().filter(PublishRunRetriesTest::isRetry))
                .singleElement()
                .asString()
                .startsWith("sw.example.org: cannot announce at main yet: ")
                .contains("503")
                .endsWith("retrying until " + StepRecord.time(Instant.parse("2026-11-24T10:05:00Z")));
    }

    @Test
    void thePageShowsThatAPublishIsTriedAgainAndWhy() {
        // Given
        site.refusals.addAll(List.of(503, 503, 503));
        List<AnnouncementRecord> seen = new CopyOnWriteArrayList<>();
        PublishRun run =
                new PublishRun(BY_NAME.prepare(site.sites(), clock.instant()), build, resources, clock, build::end);
        build.whenLogging = () -> seen.add(run.record());

        // When
        run.begin(site.sites());

        // Then
        awaitEnd();
        assertThat(seen.get(0).getStateText()).isEqualTo("announcing");
        assertThat(seen)
                .filteredOn(record -> record.getStateText().equals("retrying"))
                .isNotEmpty()
                .allSatisfy(record -> {
                    assertThat(record.getFailures()).isPositive();
                    assertThat(record.getLastFailure())
                            .startsWith("cannot announce at main yet: ")
                            .contains("503");
                    assertThat(record.getDetail()).isEqualTo(record.getLastFailure());
                });
        assertThat(run.record().getStateText()).isEqualTo("announced");
        assertThat(run.record().getFailures()).isEqualTo(3);
        assertThat(run.record().getAttempts()).isEqualTo(4);
    }

    @Test
    void aStratum0ThatCannotBeReadForAWhileIsReadAgain() {
        // Given an outage that outlasts the two attempts of one reading
        site.outages.addAll(List.of(503, 503));

        // When
        begin(BY_NAME);

        // Then
        awaitEnd();
        assertThat(build.endings.get(0)).isInstanceOf(Ending.Success.class);
        assertThat(build.log)
                .first()
                .asString()
                .startsWith("sw.example.org: cannot read and verify the manifest yet: ");
    }

    @Test
    void anErrorWhileReadingEndsTheStep() {
        // Given
        resources.workspace = path -> {
            throw new NoClassDefFoundError("a class of the agent is gone");
        };

        // When
        begin(BY_FILE);

        // Then
        awaitEnd();
        assertThat(build.failure()).contains("a class of the agent is gone");
    }

    @Test
    void aLogThatCannotBeWrittenEndsTheStep() {
        // Given
        build.logProblem = new IllegalStateException("the disk is full");

        // When
        begin(BY_NAME);

        // Then
        awaitEnd();
        assertThat(build.failure()).contains("the disk is full");
        assertThat(resources.releases).hasPositiveValue();
    }

    @Test
    void anAgentThatReconnectsAfterARestartIsAskedAgain() {
        // Given
        AtomicInteger asked = new AtomicInteger();
        resources.workspace = path -> {
            if (asked.incrementAndGet() == 1) {
                throw new TransientFailureException("the agent is offline");
            }
            return site.repository.manifestBytes();
        };

        // When
        begin(BY_FILE);

        // Then
        awaitEnd();
        assertThat(build.endings.get(0)).isInstanceOf(Ending.Success.class);
        assertThat(build.log).first().asString().contains("the agent is offline");
    }

    @Test
    void anAgentThatStaysOfflineFailsTheStepAtTheTimeLimit() {
        // Given
        resources.workspace = path -> {
            clock.advance(CvmfsPublishNotifyStep.TIME_LIMIT);
            throw new TransientFailureException("the agent is offline");
        };

        // When
        begin(BY_FILE);

        // Then
        awaitEnd();
        assertThat(build.failure()).isEqualTo("the agent is offline");
    }

    @Test
    void afterARestartTheSameManifestIsAnnouncedThoughTheRepositoryHasMovedOn() {
        // Given
        PublishState state = BY_NAME.prepare(site.sites(), clock.instant());
        state.accept(site.repository.manifestBytes());
        site.repository.publish();

        // When
        begin(state);

        // Then
        awaitEnd();
        assertThat(site.taken)
                .singleElement()
                .satisfies(body ->
                        assertThat(ActivityMessage.parse(body).revision()).hasToString("1"));
    }

    @Test
    void aLimitThatPassedWhileJenkinsWasDownLeavesTimeToAnnounceIt() {
        // Given
        PublishState state = BY_NAME.prepare(site.sites(), clock.instant());
        state.accept(site.repository.manifestBytes());
        clock.advance(Duration.ofHours(5));
        site.refusals.add(503);

        // When
        begin(state);

        // Then
        awaitEnd();
        assertThat(build.endings.get(0)).isInstanceOf(Ending.Success.class);
    }

    @Test
    void aPublishIsStoppedWhileTheServerIsBusy() {
        // Given
        for (int i = 0; i < 1000; i++) {
            site.refusals.add(503);
        }
        PublishRun run = begin(BY_NAME);
        await().until(() -> build.log.stream().anyMatch(PublishRunRetriesTest::isRetry));
        assertThat(run.status()).startsWith("cannot announce at main yet: ");

        // When
        run.stop();

        // Then
        site.refusals.clear();
        assertThat(resources.releases).hasPositiveValue();
        assertThat(build.endings).isEmpty();
        assertThat(site.taken).isEmpty();
    }

    @Test
    void aPublishThatIsStoppedBeforeItBeginsAnnouncesNothing() {
        // Given
        PublishRun run =
                new PublishRun(BY_NAME.prepare(site.sites(), clock.instant()), build, resources, clock, build::end);
        run.stop();

        // When
        resources.threads = Runnable::run;
        run.begin(site.sites());

        // Then
        assertThat(build.endings).isEmpty();
        assertThat(site.taken).isEmpty();
    }

    @Test
    void aStepThatGetsNoThreadFailsAndDoesNotHang() {
        // Given
        resources.threads = task -> {
            throw new RejectedExecutionException("full");
        };

        // When
        begin(BY_NAME);

        // Then
        assertThat(build.failure()).isEqualTo("too many steps start or end at the moment");
    }
}
