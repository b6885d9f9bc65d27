package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WaitForCvmfsRevisionStepTest {

    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

    @TempDir
    private static Path folder;

    private static WaitState prepare(WaitForCvmfsRevisionStep step) {
        return step.prepare(Samples.sites(), NOW, null).get(0);
    }

    /** A step with one wrong parameter. */
    private static WaitForCvmfsRevisionStep with(Consumer<WaitForCvmfsRevisionStep> setting) {
        WaitForCvmfsRevisionStep step = Samples.waitFor(7L);
        setting.accept(step);
        return step;
    }

    @Test
    void theStateHasTheTargetAndTheDeadline() {
        // When
        WaitState state = prepare(Samples.waitFor(7L));

        // Then
        Condition condition = state.snapshot().condition();
        assertThat(condition.target()).isEqualTo(new Target.AtLeast(new Revision(7)));
        assertThat(condition.deadline()).isEqualTo(NOW.plus(Duration.ofMinutes(30)));
        assertThat(condition.needed()).isEqualTo(2);
        assertThat(condition.onStale()).isEqualTo(StalePolicy.WAIT);
        assertThat(state.onTimeout()).isEqualTo(WaitState.OnTimeout.FAIL);
        assertThat(state.server()).isEqualTo("main");
    }

    @Test
    void replicasMayBeReadAtEveryAddress() {
        // When
        WaitState state = prepare(with(step -> step.setAddresses("all")));

        // Then
        assertThat(state.snapshot().condition().replicas())
                .extracting(Replica::name, Replica::location)
                .containsExactly(
                        tuple("site-a", "http://a.example.org/cvmfs/sw.example.org at all addresses"),
                        tuple("site-b", "http://b.example.org/cvmfs/sw.example.org at all addresses"));
    }

    @Test
    void agentsAreWaitedForInsteadOfReplicasOrBesideThem() {
        // Given
        WaitForCvmfsRevisionStep alone = with(step -> {
            step.setAgents("cvmfs && linux");
            step.setPath("/cvmfs/sw.example.org/releases/1.2.3");
            step.setRequire("5");
        });
        WaitForCvmfsRevisionStep both = with(step -> {
            step.setAgents("this");
            step.setReplicas(List.of("site-a"));
        });

        // When
        List<WaitState> one = alone.prepare(Samples.sites(), NOW, null);
        List<WaitState> two = both.prepare(Samples.sites(), NOW, "agent 7");

        // Then
        assertThat(one)
                .singleElement()
                .satisfies(
                        state -> assertThat(state.snapshot().condition())
                                .hasToString(
                                        "revision 7 or newer of sw.example.org on 5 agents online with label 'cvmfs && linux'"));
        assertThat(two.get(0).agents()).isNull();
        assertThat(two.get(0).snapshot().condition()).hasToString("revision 7 or newer of sw.example.org on site-a");
        assertThat(two.get(1).agents()).isNotNull();
        assertThat(two.get(1).snapshot().condition())
                .hasToString("revision 7 or newer of sw.example.org on all agents online with name 'agent 7'");
    }

    @Test
    void onlyOneTargetMayBeSet() {
        assertThatThrownBy(() -> prepare(with(step -> step.setAfter(6L))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("revision:, after: or rootHash:");
    }

    @Test
    void wrongParametersAreNamedWithTheirValueAndWhatIsAllowed() {
        requireRefused(step -> step.setRevision(-1L), "revision is -1, must not be below 0");
        requireRefused(step -> step.setTimeout(0), "timeout is 0 minutes, must be above 0 and at most 366 days");
        requireRefused(step -> step.setTimeout(-5), "timeout is -5 minutes, must be above 0 and at most 366 days");
        requireRefused(
                step -> {
                    step.setTimeout(400);
                    step.setUnit(TimeUnit.DAYS);
                },
                "timeout is 400 days, must be above 0 and at most 366 days");
        requireRefused(
                step -> step.setUnit("FORTNIGHTS"), "unit is 'FORTNIGHTS', must be SECONDS, MINUTES, HOURS or DAYS");
        requireRefused(
                step -> step.setRequire("some"),
                "require is 'some', must be 'all', 'majority', 'any' or a number from 1 to 9999");
        requireRefused(
                step -> step.setReplicas(List.of()),
                "replicas is empty: name at least one, or leave replicas: out for all that are configured");
        requireRefused(step -> step.setRequire("3"), "require is 3, more than the number of replicas, 2");
        requireRefused(
                step -> step.setOnTimeout("panic"), "onTimeout is 'panic', must be 'fail', 'unstable' or 'continue'");
        requireRefused(
                step -> step.setPath("/cvmfs/sw.example.org/1"),
                "path is looked for on agents only: give agents: too, such as 'this' or a label");
        requireRefused(
                step -> {
                    step.setAgents("cvmfs");
                    step.setPath("/etc/passwd");
                },
                "path is '/etc/passwd', must begin with /cvmfs/sw.example.org/, be without '..', and have at most 1000"
                        + " characters");
        requireRefused(step -> step.setAddresses("some"), "addresses is 'some', must be 'one' or 'all'");
        requireRefused(step -> step.setOnStale("old"), "onStale is 'old', must be 'wait', 'skip' or 'fail'");
        requireRefused(
                step -> step.setServer("elsewhere"),
                "no notification server 'elsewhere' is configured under Manage Jenkins > System; configured: main");
    }

    private static void requireRefused(Consumer<WaitForCvmfsRevisionStep> setting, String message) {
        assertThatThrownBy(() -> prepare(with(setting)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource({
        "90m,PT90M",
        "90 m,PT90M",
        "1h 30m,PT90M",
        "1h30m,PT90M",
        "2d,PT48H",
        "45s,PT45S",
        "90,PT90M",
        " 90 ,PT90M"
    })
    void theTimeoutMayBeTextWithItsUnit(String timeout, Duration limit) {
        // Given
        WaitForCvmfsRevisionStep step = Samples.waitFor(7L);

        // When
        step.setTimeout(timeout);

        // Then
        assertThat(prepare(step).snapshot().condition().deadline()).isEqualTo(NOW.plus(limit));
    }

    @Test
    void aTimeoutAsTextThatIsWrongIsReported() {
        requireRefused(
                step -> step.setTimeout("soon"),
                "timeout is 'soon', must be a number, or numbers with the units d, h, m and s such as '90m' or '1h 30m'");
        requireRefused(step -> step.setTimeout("0m"), "timeout is 0m, must be above 0 and at most 366 days");
        requireRefused(step -> step.setTimeout("367d"), "timeout is 367d, must be above 0 and at most 366 days");
        requireRefused(
                step -> {
                    step.setTimeout("90m");
                    step.setUnit("HOURS");
                },
                "timeout is '90m', which has its unit; remove unit: HOURS");
    }

    private static PublishedRevision announced(String repository, int published) {
        SampleRepository sample = SampleRepository.create(
                folder.resolve(repository + published),
                new RepositoryName(repository),
                HashAlgorithm.SHA1,
                Clock.systemUTC());
        for (int revision = 1; revision < published; revision++) {
            sample.publish();
        }
        return new PublishedRevision(ActivityMessage.announce(sample.manifestBytes(), NOW), "main");
    }

    @Test
    void withoutTargetTheAnnouncementsOfTheBuildAreWaitedFor() {
        // Given
        PublishedRevision one = announced("sw.example.org", 2);
        PublishedRevision other = announced("other.example.org", 3);
        WaitForCvmfsRevisionStep all = new WaitForCvmfsRevisionStep();
        WaitForCvmfsRevisionStep named = Samples.waitFor(null);

        // When
        Condition condition = named.prepare(
                        Samples.sites(), NOW, null, one.getRepository(), one.getRevision(), one.getPublishedAt())
                .get(0)
                .snapshot()
                .condition();

        // Then
        assertThat(all.toWaitFor(List.of(other, one))).containsExactly(other, one);
        assertThat(named.toWaitFor(List.of(other, one))).containsExactly(one);
        assertThat(condition.target()).isEqualTo(new Target.AtLeast(new Revision(2)));
        assertThat(condition.publishedAt()).isEqualTo(one.getPublishedAt());
    }

    @Test
    void withoutAnAnnouncementTheStepSaysWhatToDo() {
        assertThatThrownBy(() -> new WaitForCvmfsRevisionStep().toWaitFor(List.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage(
                        "this build has not announced a revision yet: call cvmfsPublishNotify or cvmfsTransaction before,"
                                + " or set repository: and revision:, after: or rootHash:");
        assertThatThrownBy(() -> Samples.waitFor(null).toWaitFor(List.of(announced("other.example.org", 1))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("this build has not announced sw.example.org yet, only other.example.org: ");
    }

    @ParameterizedTest
    @CsvSource({"90,SECONDS,PT1M30S", "2,HOURS,PT2H", "3,DAYS,PT72H", "5000,MILLISECONDS,PT5S"})
    void theTimeoutIsInItsUnit(int timeout, String unit, Duration limit) {
        // Given
        WaitForCvmfsRevisionStep step = Samples.waitFor(7L);

        // When
        step.setTimeout(timeout);
        step.setUnit(unit);

        // Then
        assertThat(prepare(step).snapshot().condition().deadline()).isEqualTo(NOW.plus(limit));
    }

    @Test
    void aRootHashIsReadAsItStandsInAManifest() {
        // Given
        String hash = "ab".repeat(20) + "-shake128";
        WaitForCvmfsRevisionStep step = Samples.waitFor(null);
        step.setRootHash(hash);

        // When
        WaitState state = prepare(step);

        // Then
        assertThat(state.snapshot().condition().target()).hasToString("root hash " + hash);
    }

    @Test
    void aRootHashMayHaveItsRevisionSoThatReplicasPastItCount() {
        // Given
        String hash = "ab".repeat(20);
        WaitForCvmfsRevisionStep step = Samples.waitFor(7L);
        step.setRootHash(hash);

        // When
        WaitState state = prepare(step);

        // Then
        assertThat(state.snapshot().condition().target())
                .isEqualTo(new Target.RootHash(ContentHash.parse(hash), new Revision(7)));
    }

    @Test
    void aMissingRepositoryIsReportedInASentence() {
        assertThatThrownBy(() -> prepare(with(step -> step.setRepository(null))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("set repository: to the fully qualified name of a repository, such as sw.example.org");
    }

    @Test
    void requireIsTextOrANumber() {
        // Given
        WaitForCvmfsRevisionStep step = new WaitForCvmfsRevisionStep();

        // When
        step.setRequire(2);

        // Then
        assertThat(step.getRequire()).isEqualTo("2");
    }

    @Test
    void blankParametersHaveTheirDefaults() {
        // Given
        WaitForCvmfsRevisionStep step = new WaitForCvmfsRevisionStep();
        step.setRepository(" sw.example.org ");

        // When
        step.setRequire(" ");
        step.setOnTimeout(null);
        step.setServer("");
        step.setUnit(null);

        // Then
        assertThat(step.getRepository()).isEqualTo("sw.example.org");
        assertThat(step.getRequire()).isEqualTo("all");
        assertThat(step.getAddresses()).isEqualTo("one");
        assertThat(step.getOnTimeout()).isEqualTo("fail");
        assertThat(step.getOnStale()).isEqualTo("wait");
        assertThat(step.getServer()).isNull();
        assertThat(step.getUnit()).isEqualTo("MINUTES");
        assertThat(step.getReplicas()).isNull();
    }
}
