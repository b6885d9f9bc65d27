package io.jenkins.plugins.cvmfs.notify.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotFoundException;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a new revision to the build: none is missed, and none is built twice. */
class RevisionWatchTest {

    private final ScriptedHost host = new ScriptedHost();
    private RevisionWatch watch = watch(ScriptedHost.DEFAULTS);

    private RevisionWatch watch(RevisionWatch.Parameters parameters) {
        return host.watch(parameters);
    }

    /** A watch that knows revision 1. */
    private RevisionWatch watching(RevisionWatch.Parameters parameters) {
        RevisionWatch begun = watch(parameters);
        begun.begin();
        host.serves("zero", 1);
        return begun;
    }

    @BeforeEach
    void begin() {
        watch.begin();
    }

    /** The build for this revision leaves the queue and starts. */
    private ManifestSummary runBuild() {
        ManifestSummary queued = host.queued.remove(0);
        ManifestSummary built = watch.leavesQueue(queued).orElse(queued);
        watch.started(built);
        return built;
    }

    @Test
    void theRevisionThatExistsAtFirstIsRecordedAndNotBuilt() {
        host.serves("zero", 5);

        assertThat(host.queued).isEmpty();
        assertThat(host.saved.handled()).isEqualTo(ScriptedHost.revision(5));
        assertThat(host.target()).isEqualTo(new Target.NewerThan(new Revision(5)));
    }

    @Test
    void theRevisionThatExistsAtFirstIsBuiltIfThatIsAskedFor() {
        watch = watch(ScriptedHost.with(true, false, Duration.ZERO, Duration.ZERO));
        watch.begin();

        host.serves("zero", 5);

        assertThat(host.queued).containsExactly(ScriptedHost.revision(5));
    }

    @Test
    void theFirstRevisionIsBuiltIfItWasPublishedAfterTheTriggerWasAdded() {
        // Given that no replica could be read for long
        ManifestSummary published =
                ScriptedHost.revision(6, host.clock.instant().plusSeconds(60));

        // When
        host.serves("zero", published);

        // Then
        assertThat(host.queued).containsExactly(published);
    }

    @Test
    void aNewRevisionIsBuiltOnce() {
        // Given
        host.serves("zero", 1);

        // When
        host.serves("zero", 2);
        runBuild();

        // Then
        assertThat(host.queued).isEmpty();
        assertThat(host.saved.handled()).isEqualTo(ScriptedHost.revision(2));
        assertThat(host.saved.pending()).isEmpty();
        assertThat(host.target()).isEqualTo(new Target.NewerThan(new Revision(2)));
    }

    @Test
    void aRevisionIsSavedBeforeItsBuildIsInTheQueue() {
        // Given
        host.serves("zero", 1);
        host.isBuildable = false;

        // When
        host.serves("zero", 2);

        // Then
        assertThat(host.saved.pending()).containsExactly(ScriptedHost.revision(2));
        assertThat(host.saved.handled()).isEqualTo(ScriptedHost.revision(1));
    }

    @Test
    void theBuildInTheQueueIsForTheNewestRevision() {
        // Given
        host.serves("zero", 1);
        host.serves("zero", 2);
        host.serves("zero", 3);
        host.serves("zero", 4);
        assertThat(host.queued).containsExactly(ScriptedHost.revision(2));

        // When
        ManifestSummary built = runBuild();

        // Then
        assertThat(built).isEqualTo(ScriptedHost.revision(4));
        assertThat(host.queued).isEmpty();
        assertThat(host.saved.pending()).isEmpty();
    }

    @Test
    void aRevisionThatComesWhileABuildStartsHasTheNextBuild() {
        // Given
        host.serves("zero", 1);
        host.serves("zero", 2);
        ManifestSummary first = host.queued.remove(0);
        assertThat(watch.leavesQueue(first)).isEmpty();

        // When
        host.serves("zero", 3);
        watch.started(first);

        // Then
        assertThat(host.queued).containsExactly(ScriptedHost.revision(3));
        assertThat(runBuild()).isEqualTo(ScriptedHost.revision(3));
        assertThat(host.queued).isEmpty();
    }

    @Test
    void everyRevisionHasItsBuildOneAfterTheOther() {
        // Given
        watch = watching(ScriptedHost.with(false, true, Duration.ZERO, Duration.ZERO));
        host.announce(2);
        host.announce(3);
        host.announce(3);

        // When
        host.serves("zero", 4);

        // Then
        assertThat(host.queued).containsExactly(ScriptedHost.revision(2));
        assertThat(runBuild().revision()).isEqualTo(new Revision(2));
        assertThat(runBuild().revision()).isEqualTo(new Revision(3));
        assertThat(runBuild().revision()).isEqualTo(new Revision(4));
        assertThat(host.queued).isEmpty();
        assertThat(host.saved.handled()).isEqualTo(ScriptedHost.revision(4));
    }

    @Test
    void anAnnouncedRevisionIsNotBuiltBeforeItCanBeRead() {
        watch = watching(ScriptedHost.with(false, true, Duration.ZERO, Duration.ZERO));

        host.announce(2);

        assertThat(host.queued).isEmpty();
    }

    @Test
    void anAnnouncedRevisionThatIsNotValidIsLeftOut() {
        // Given
        host.keys();
        watch = watching(ScriptedHost.with(false, true, Duration.ZERO, Duration.ZERO));
        host.announce(2);
        host.invalid.put(ScriptedHost.revision(2), new RefusedException("forged"));

        // When
        host.serves("zero", 3);

        // Then
        assertThat(runBuild().revision()).isEqualTo(new Revision(3));
        assertThat(host.problems).contains("forged");
    }

    @Test
    void anAnnouncementThatNamesACertificateThatDoesNotExistHindersNoOther(@TempDir Path empty) {
        // Given
        host.keys();
        watch = watching(ScriptedHost.with(false, true, Duration.ZERO, Duration.ZERO));
        host.announce(2);
        host.invalid.put(ScriptedHost.revision(2), notFound(empty));

        // When
        host.serves("zero", 3);

        // Then
        assertThat(runBuild().revision()).isEqualTo(new Revision(3));
        assertThat(host.queued).isEmpty();
        assertThat(host.problems).anyMatch(problem -> problem.contains("dataX"));
    }

    private static NotFoundException notFound(Path folder) {
        RepositoryLocation location = RepositoryLocation.parse(folder.toString());
        try (Network network = Network.builder().build()) {
            return catchThrowableOfType(
                    NotFoundException.class, () -> network.repositoryReader().fileNow(location, "dataX", 1));
        }
    }

    @Test
    void anAnnouncedRevisionThatCannotBeVerifiedNowIsVerifiedAgain() {
        // Given
        host.keys();
        watch = watching(ScriptedHost.with(false, true, Duration.ZERO, Duration.ZERO));
        host.announce(2);
        host.invalid.put(ScriptedHost.revision(2), new TransientFailureException("no answer"));
        host.serves("zero", 3);
        assertThat(host.queued).isEmpty();

        // When
        host.invalid.clear();
        host.pass(Duration.ofSeconds(10));
        host.serves("zero", 3);

        // Then
        assertThat(runBuild().revision()).isEqualTo(new Revision(2));
        assertThat(runBuild().revision()).isEqualTo(new Revision(3));
    }

    @Test
    void aRevisionThatWaitedForItsBuildWhenJenkinsWasKilledIsBuiltAfterwards() {
        // Given
        host.serves("zero", 1);
        host.serves("zero", 2);
        host.queued.clear();

        // When
        watch = watch(ScriptedHost.DEFAULTS);
        watch.begin();

        // Then
        assertThat(host.queued).containsExactly(ScriptedHost.revision(2));
    }

    @Test
    void aRevisionWhoseBuildHadStartedWhenJenkinsWasKilledIsNotBuiltAgain() {
        // Given
        host.serves("zero", 1);
        host.serves("zero", 2);
        host.built.add(host.queued.remove(0));

        // When
        watch = watch(ScriptedHost.DEFAULTS);
        watch.begin();

        // Then
        assertThat(host.queued).isEmpty();
        assertThat(host.saved.handled()).isEqualTo(ScriptedHost.revision(2));
    }

    @Test
    void aBuildThatIsStillInTheQueueAfterARestartIsNotAddedAgain() {
        // Given
        host.serves("zero", 1);
        host.serves("zero", 2);

        // When
        watch = watch(ScriptedHost.DEFAULTS);
        watch.begin();

        // Then
        assertThat(host.queued).hasSize(1);
        runBuild();
        assertThat(host.queued).isEmpty();
    }

    @Test
    void aRevisionPublishedWhileJenkinsWasDownIsBuilt() {
        // Given
        host.serves("zero", 1);
        watch.stop();

        // When
        watch = watch(ScriptedHost.DEFAULTS);
        watch.begin();
        host.serves("zero", 3);

        // Then
        assertThat(host.queued).containsExactly(ScriptedHost.revision(3));
    }

    @Test
    void aQuietPeriodCollectsRevisions() {
        // Given
        watch = watching(ScriptedHost.with(false, false, Duration.ofSeconds(30), Duration.ZERO));
        host.serves("zero", 2);
        host.pass(Duration.ofSeconds(20));
        host.serves("zero", 3);
        assertThat(host.queued).isEmpty();

        // When
        host.pass(Duration.ofSeconds(10));

        // Then
        assertThat(runBuild().revision()).isEqualTo(new Revision(3));
        host.pass(Duration.ofHours(1));
        assertThat(host.queued).isEmpty();
    }

    @Test
    void aQuietPeriodGoesOnAfterARestart() {
        // Given
        RevisionWatch.Parameters quiet = ScriptedHost.with(false, false, Duration.ofMinutes(10), Duration.ZERO);
        watch = watching(quiet);
        host.serves("zero", 2);
        host.pass(Duration.ofMinutes(4));

        // When
        watch.stop();
        watch = watch(quiet);
        watch.begin();
        host.serves("zero", 3);
        host.pass(Duration.ofMinutes(5));

        // Then
        assertThat(host.queued).isEmpty();
        host.pass(Duration.ofMinutes(1));
        assertThat(host.queued).containsExactly(ScriptedHost.revision(3));
    }

    @Test
    void buildsKeepTheirRateAlsoWhenARevisionComesWhileABuildStarts() {
        // Given
        watch = watching(ScriptedHost.with(false, false, Duration.ZERO, Duration.ofHours(1)));
        host.serves("zero", 2);
        ManifestSummary first = host.queued.remove(0);
        assertThat(watch.leavesQueue(first)).isEmpty();

        // When
        host.serves("zero", 3);
        watch.started(first);

        // Then
        assertThat(host.queued).isEmpty();
        host.pass(Duration.ofHours(1));
        assertThat(host.queued).containsExactly(ScriptedHost.revision(3));
    }

    @Test
    void buildsKeepTheirRateAlsoOverARestart() {
        // Given
        RevisionWatch.Parameters hourly = ScriptedHost.with(false, false, Duration.ZERO, Duration.ofHours(1));
        watch = watching(hourly);
        host.serves("zero", 2);
        runBuild();
        host.serves("zero", 3);
        host.pass(Duration.ofMinutes(30));

        // When
        watch.stop();
        watch = watch(hourly);
        watch.begin();
        host.serves("zero", 4);

        // Then
        assertThat(host.queued).isEmpty();
        host.pass(Duration.ofMinutes(30));
        assertThat(host.queued).containsExactly(ScriptedHost.revision(4));
    }

    @Test
    void aBuildThatAUserRemovesFromTheQueueIsNotAddedAgain() {
        // Given
        host.serves("zero", 1);
        host.serves("zero", 2);
        host.serves("zero", 3);

        // When
        watch.removed(host.queued.remove(0), true);

        // Then
        host.pass(Duration.ofHours(1));
        assertThat(host.queued).isEmpty();
        assertThat(host.saved.handled()).isEqualTo(ScriptedHost.revision(3));
    }

    @Test
    void aBuildThatLeavesTheQueueBecauseItsJobIsDisabledIsAddedAgainWhenItIsEnabled() {
        // Given
        host.serves("zero", 1);
        host.serves("zero", 2);
        host.isBuildable = false;
        watch.removed(host.queued.remove(0), false);
        host.pass(Duration.ofHours(1));
        assertThat(host.queued).isEmpty();

        // When
        host.isBuildable = true;
        host.pass(Duration.ofMinutes(1));

        // Then
        assertThat(host.queued).containsExactly(ScriptedHost.revision(2));
    }

    @Test
    void aRevisionOfADisabledJobIsBuiltWhenItIsEnabledAgain() {
        // Given
        host.serves("zero", 1);
        host.isBuildable = false;
        host.serves("zero", 2);
        host.pass(Duration.ofHours(1));

        // When
        host.isBuildable = true;
        host.pass(Duration.ofMinutes(1));

        // Then
        assertThat(host.queued).containsExactly(ScriptedHost.revision(2));
    }

    @Test
    void aManifestThatIsNotValidStartsNoBuildAndIsLookedAtAgain() {
        // Given
        host.keys();
        host.serves("zero", 1);
        host.invalid.put(ScriptedHost.revision(9), new RefusedException("forged"));

        // When
        host.serves("zero", 9);

        // Then
        assertThat(host.queued).isEmpty();
        assertThat(host.problems).containsExactly("forged");
        assertThat(host.saved.newest()).contains(ScriptedHost.revision(1));
        host.pass(Duration.ofMinutes(1));
        host.serves("zero", 2);
        assertThat(host.queued).containsExactly(ScriptedHost.revision(2));
    }

    @Test
    void aReplicaWithAForgedManifestDoesNotHinderTheOthers() {
        // Given
        host.keys();
        watch = watch(ScriptedHost.requiring("any", "site-a", "site-b"));
        watch.begin();
        host.serves("site-a", 1);
        host.invalid.put(ScriptedHost.revision(9), new RefusedException("forged"));

        // When
        host.serve("site-a", ScriptedHost.revision(9));
        host.serves("site-b", 2);

        // Then
        assertThat(host.queued).containsExactly(ScriptedHost.revision(2));
    }

    @Test
    void theBuildIsForTheRevisionThatAllRequiredReplicasHave() {
        // Given
        watch = watch(ScriptedHost.requiring("all", "site-a", "site-b"));
        watch.begin();
        host.serve("site-a", ScriptedHost.revision(1));
        host.serves("site-b", 1);

        // When
        host.serve("site-a", ScriptedHost.revision(3));
        host.serves("site-b", 2);

        // Then
        assertThat(host.queued).containsExactly(ScriptedHost.revision(2));
    }

    @Test
    void aLowerRevisionThatWasPublishedLaterIsARollbackAndBuilt() {
        // Given
        host.serves("zero", 7);
        ManifestSummary restored = ScriptedHost.revision(5, host.clock.instant().plusSeconds(60));

        // When
        host.changes("zero", restored);
        assertThat(host.target()).isEqualTo(new Target.RootHash(restored.rootHash(), restored.revision()));
        host.serves("zero", restored);

        // Then
        assertThat(runBuild()).isEqualTo(restored);
        assertThat(host.target()).isEqualTo(new Target.NewerThan(new Revision(5)));
    }

    @Test
    void aReplicaThatIsBehindIsNotARollback() {
        host.serves("zero", 7);

        host.changes("zero", ScriptedHost.revision(6));

        assertThat(host.target()).isEqualTo(new Target.NewerThan(new Revision(7)));
    }

    @Test
    void aReplicaThatWasNotRolledBackYetStartsNoBuild() {
        // Given
        watch = watch(ScriptedHost.requiring("any", "site-a", "site-b"));
        watch.begin();
        host.serves("site-a", 7);
        ManifestSummary restored = ScriptedHost.revision(5, host.clock.instant().plusSeconds(60));
        host.changes("site-a", restored);
        host.serves("site-a", restored);
        runBuild();

        // When
        host.serves("site-b", 7);

        // Then
        assertThat(host.queued).isEmpty();
        assertThat(host.saved.handled()).isEqualTo(restored);
    }

    @Test
    void aChangeOfTheConfigurationMattersOnlyIfItConcernsTheRepository() {
        // Given
        host.serves("zero", 1);
        int opened = host.opened;

        // When
        watch.configurationChanged(false);
        int unconcerned = host.opened;
        host.moveStratum0();
        watch.configurationChanged(false);

        // Then
        assertThat(unconcerned).isEqualTo(opened);
        assertThat(host.opened).isEqualTo(opened + 1);
        assertThat(host.queued).isEmpty();
    }

    @Test
    void aRepositoryThatIsNotConfiguredYetIsWatchedWhenItIs() {
        // Given
        host.removeRepository();
        watch = watch(ScriptedHost.DEFAULTS);
        watch.begin();
        assertThat(host.problems).singleElement().asString().contains("no repository 'sw.example.org' is configured");

        // When
        host.addRepository();
        watch.configurationChanged(false);

        // Then
        host.serves("zero", 1);
        assertThat(host.saved.handled()).isEqualTo(ScriptedHost.revision(1));
    }

    @Test
    void aWaitThatFailsIsStartedAgain() {
        // Given
        host.serves("zero", 1);

        // When
        host.fail(new TransientFailureException("too many"));
        host.pass(Duration.ofMinutes(1));
        host.serves("zero", 2);

        // Then
        assertThat(host.queued).hasSize(1);
        assertThat(host.problems).containsExactly("too many");
    }

    @Test
    void whatCannotBeReportedStopsNothing() {
        // Given
        host.failing = new IllegalStateException("boom");
        watch = watch(ScriptedHost.DEFAULTS);
        watch.begin();

        // When
        host.failing = null;
        host.pass(Duration.ofMinutes(1));
        host.serves("zero", 1);

        // Then
        assertThat(host.saved.handled()).isEqualTo(ScriptedHost.revision(1));
    }

    @Test
    void aStoppedWatchStartsNothing() {
        // Given
        watch = watching(ScriptedHost.with(false, true, Duration.ofSeconds(30), Duration.ZERO));
        host.serves("zero", 2);

        // When
        watch.stop();
        host.pass(Duration.ofHours(1));

        // Then
        assertThat(host.queued).isEmpty();
        assertThat(host.isWaiting()).isFalse();
        assertThat(host.listeners).isEmpty();
        assertThat(host.saved.pending()).containsExactly(ScriptedHost.revision(2));
    }

    @Test
    void aServerThatCannotBeListenedToForNowLeavesNoListenerBehind() {
        // Given
        watch = watching(ScriptedHost.with(false, true, Duration.ZERO, Duration.ZERO));
        assertThat(host.listeners).hasSize(1);

        // When
        host.deaf = new TransientFailureException("too many connections");
        watch.configurationChanged(true);
        int meanwhile = host.listeners.size();
        host.deaf = null;
        host.pass(Duration.ofMinutes(1));

        // Then
        assertThat(meanwhile)
                .as("it hears what is announced until it listens anew")
                .isEqualTo(1);
        assertThat(host.listeners).hasSize(1);
        watch.stop();
        assertThat(host.listeners).isEmpty();
    }

    @Test
    void aBuildThatIsReportedTwiceCountsOnce() {
        // Given
        watch = watching(ScriptedHost.with(false, false, Duration.ZERO, Duration.ofHours(1)));
        host.serves("zero", 2);
        ManifestSummary built = runBuild();
        KnownRevisions known = host.saved;

        // When
        host.pass(Duration.ofMinutes(30));
        watch.started(built);

        // Then
        assertThat(host.saved).isEqualTo(known);
    }

    @Test
    void pendingRevisionsAreBounded() {
        // Given
        watch = watching(ScriptedHost.with(false, true, Duration.ofDays(1), Duration.ZERO));

        // When
        for (int i = 2; i < 200; i++) {
            host.serves("zero", i);
        }

        // Then
        assertThat(host.saved.pending()).hasSize(KnownRevisions.MAX_PENDING).endsWith(ScriptedHost.revision(199));
    }

    @Test
    void replicasAndRequirementAreThoseOfTheParameters() {
        watch = watch(ScriptedHost.requiring("majority", "site-a", "site-b"));
        watch.begin();

        assertThat(host.condition().requirement()).isEqualTo(Requirement.MAJORITY);
        assertThat(host.condition().replicas()).extracting(Object::toString).isEqualTo(List.of("site-a", "site-b"));
    }
}
