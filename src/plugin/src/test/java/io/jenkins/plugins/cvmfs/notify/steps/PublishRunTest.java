package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.client.sample.SigningKeys;
import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import io.jenkins.plugins.cvmfs.notify.config.ReplicaEntry;
import io.jenkins.plugins.cvmfs.notify.steps.BuildHandle.Ending;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is announced, and what is not. */
final class PublishRunTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-24T10:00:00Z"), ZoneOffset.UTC);
    private static final SigningKeys FOREIGN_KEYS = SigningKeys.generate("sw.example.org", Instant.EPOCH);
    private static final CvmfsPublishNotifyStep BY_NAME = Samples.publish("sw.example.org", null, null, null);
    private static final CvmfsPublishNotifyStep BY_FILE = Samples.publish(null, null, "out/.cvmfspublished", null);

    @TempDir
    private Path folder;

    private final RecordingBuild build = new RecordingBuild();
    private final ScriptedResources resources = new ScriptedResources();
    private ScriptedSite site;

    @BeforeEach
    void open() throws IOException {
        site = new ScriptedSite(folder, CLOCK);
    }

    @AfterEach
    void close() {
        resources.close();
        site.close();
    }

    private PublishState publish(CvmfsPublishNotifyStep step, ConfiguredSites sites) {
        PublishState state = step.prepare(sites, CLOCK.instant());
        new PublishRun(state, build, resources, CLOCK, build::end).begin(sites);
        await().until(() -> !build.endings.isEmpty());
        return state;
    }

    private PublishedRevision value() {
        return (PublishedRevision) ((Ending.Success) build.endings.get(0)).value();
    }

    @Test
    void aVerifiedManifestIsAnnouncedAndIsTheValueOfTheStep() {
        // When
        PublishState state = publish(BY_NAME, site.sites());

        // Then
        PublishedRevision value = value();
        assertThat(value.getRepository()).isEqualTo("sw.example.org");
        assertThat(value.getRevision()).isEqualTo(1);
        assertThat(value.getRootHash())
                .isEqualTo(site.repository.manifest().rootCatalog().toString());
        assertThat(value.getPublishedAt()).isEqualTo("2026-11-24T10:00:00Z");
        assertThat(value.getServer()).isEqualTo("main");
        assertThat(ActivityMessage.parse(site.taken.get(0)).manifestBytes()).isEqualTo(site.repository.manifestBytes());
        assertThat(build.log).anyMatch(line -> line.startsWith("verified: signed by"));
        assertThat(state.manifest()).isEqualTo(site.repository.manifestBytes());
        assertThat(build.saves).hasValue(1);
        assertThat(resources.releases).hasPositiveValue();
    }

    @Test
    void aManifestOfForeignKeysIsNotAnnounced() {
        // Given
        site.entry.setMasterKeys(foreign("sw.example.org").masterKeyPem());

        // When
        publish(BY_NAME, site.sites());

        // Then
        assertThat(build.failure()).startsWith("the manifest is not announced: ");
        assertThat(site.taken).isEmpty();
        assertThat(resources.releases).hasPositiveValue();
    }

    private SampleRepository foreign(String name) {
        return SampleRepository.create(
                folder.resolve("foreign"), new RepositoryName(name), HashAlgorithm.SHA1, CLOCK, FOREIGN_KEYS);
    }

    @Test
    void withoutVerificationItIsAnnouncedWhereAnAdministratorAllowsThat() {
        // Given
        site.entry.setAllowUnverified(true);
        site.entry.setMasterKeys(foreign("sw.example.org").masterKeyPem());

        // When
        publish(Samples.publishUnverified("sw.example.org", null), site.sites());

        // Then
        assertThat(value().getRevision()).isEqualTo(1);
        assertThat(build.log).contains("sw.example.org: not verified: verify is false");
    }

    @Test
    void withoutMasterKeysTheLogSaysThatNothingWasVerified() {
        // Given
        site.entry.setMasterKeys(null);

        // When
        publish(BY_NAME, site.sites());

        // Then
        assertThat(value().getRevision()).isEqualTo(1);
        assertThat(build.log).contains("sw.example.org: not verified: no master key is configured");
    }

    @Test
    void aManifestInTheWorkspaceIsVerifiedWithTheStratum0sWhitelist() {
        // Given
        resources.workspace =
                path -> path.equals("out/.cvmfspublished") ? site.repository.manifestBytes() : new byte[0];

        // When
        publish(BY_FILE, site.sites());

        // Then
        assertThat(value().getRepository()).isEqualTo("sw.example.org");
        assertThat(build.log).anyMatch(line -> line.startsWith("verified: signed by"));
    }

    @Test
    void aManifestInTheWorkspaceIsVerifiedWithTheFilesOfAReplicaIfJenkinsKnowsNoStratum0() {
        // Given
        resources.workspace = path -> site.repository.manifestBytes();
        site.entry.setStratum0(null);
        site.entry.setReplicas(List.of(new ReplicaEntry("site-a", site.url("zero"))));

        // When
        publish(BY_FILE, site.sites());

        // Then
        assertThat(value().getRepository()).isEqualTo("sw.example.org");
        assertThat(build.log).anyMatch(line -> line.startsWith("verified: signed by"));
    }

    @Test
    void withoutAPlaceToReadTheCertificateTheLogSaysWhatToConfigure() {
        // Given
        resources.workspace = path -> site.repository.manifestBytes();
        site.entry.setStratum0(null);

        // When
        publish(BY_FILE, site.sites());

        // Then
        assertThat(build.failure())
                .contains("sw.example.org")
                .contains("stratum 0")
                .contains("replica");
        assertThat(site.taken).isEmpty();
    }

    @Test
    void verifyFalseDoesNotAnnounceAForeignManifestOfARepositoryWithMasterKeys() {
        // Given
        byte[] forged = foreign("sw.example.org").manifestBytes();
        resources.workspace = path -> forged;

        // When
        publish(Samples.publishUnverified(null, "out/.cvmfspublished"), site.sites());

        // Then
        assertThat(build.failure()).startsWith("verify: false is not allowed for sw.example.org");
        assertThat(site.taken).isEmpty();
        assertThat(build.log).noneMatch(line -> line.startsWith("not verified"));
    }

    @Test
    void aRepositoryThatIsNotConfiguredIsNotAnnouncedAtAConfiguredServer() {
        // Given
        byte[] unknown = foreign("other.example.org").manifestBytes();
        resources.workspace = path -> unknown;

        // When
        publish(BY_FILE, site.sites());

        // Then
        assertThat(build.failure())
                .startsWith("repository other.example.org is not configured")
                .contains("main")
                .contains("Manage Jenkins > System");
        assertThat(site.taken).isEmpty();
    }

    @Test
    void aRepositoryThatIsNotConfiguredIsNotAnnouncedAtAConfiguredServerByItsUrl() {
        // Given
        foreign("other.example.org");

        // When
        publish(Samples.publish(null, site.url("foreign"), null, "main"), site.sites(true));

        // Then
        assertThat(build.failure()).startsWith("repository other.example.org is not configured");
        assertThat(site.taken).isEmpty();
    }

    @Test
    void anyRepositoryIsAnnouncedAtAServerGivenByUrlBecauseItGetsNoToken() {
        // Given
        foreign("other.example.org");

        // When
        publish(Samples.publish(null, site.url("foreign"), null, site.url("api/v1")), site.sites(true));

        // Then
        assertThat(value().getRepository()).isEqualTo("other.example.org");
        assertThat(site.taken).hasSize(1);
    }

    @Test
    void whatWasReadUnverifiedIsNotAnnouncedAfterARestartIfThatIsNotAllowedAnyMore() {
        // Given
        site.entry.setAllowUnverified(true);
        PublishState state = Samples.publishUnverified("sw.example.org", null).prepare(site.sites(), CLOCK.instant());
        state.accept(foreign("sw.example.org").manifestBytes());
        site.entry.setAllowUnverified(false);

        // When
        new PublishRun(state, build, resources, CLOCK, build::end).begin(site.sites());

        // Then
        await().until(() -> !build.endings.isEmpty());
        assertThat(build.failure()).startsWith("verify: false is not allowed for sw.example.org");
        assertThat(site.taken).isEmpty();
    }

    @Test
    void aRepositoryThatWasRemovedWhileJenkinsWasDownIsNotAnnounced() {
        // Given
        PublishState state = BY_NAME.prepare(site.sites(), CLOCK.instant());
        state.accept(site.repository.manifestBytes());
        ConfiguredSites removed = new ConfiguredSites(site.sites().servers(), List.of(), false);

        // When
        new PublishRun(state, build, resources, CLOCK, build::end).begin(removed);

        // Then
        await().until(() -> !build.endings.isEmpty());
        assertThat(build.failure()).startsWith("repository sw.example.org is not configured");
        assertThat(site.taken).isEmpty();
    }

    @Test
    void aRepositoryIsReadByItsUrlWhereThatIsAllowed() {
        // Given
        CvmfsPublishNotifyStep step = Samples.publish(null, site.url("zero"), null, site.url("api/v1"));

        // When
        publish(step, site.sites(true));

        // Then
        assertThat(value().getRevision()).isEqualTo(1);
        assertThat(value().getServer()).isEqualTo(site.url("api/v1"));
    }

    @Test
    void theManifestOfAnotherRepositoryIsNotAnnounced() {
        // Given
        foreign("other.example.org");
        site.entry.setStratum0(site.url("foreign"));

        // When
        publish(BY_NAME, site.sites());

        // Then
        assertThat(build.failure()).isEqualTo("the manifest read for sw.example.org is of other.example.org");
        assertThat(site.taken).isEmpty();
    }

    @Test
    void aMissingRepositoryFailsTheStepAtOnce() throws IOException {
        // Given
        Files.delete(folder.resolve("zero/.cvmfspublished"));

        // When
        publish(BY_NAME, site.sites());

        // Then
        assertThat(build.failure()).contains("/zero/.cvmfspublished");
        assertThat(build.log).isEmpty();
    }

    @Test
    void aServerThatForbidsItFailsTheStepAtOnce() {
        // Given
        site.refusals.add(403);

        // When
        publish(BY_NAME, site.sites());

        // Then
        assertThat(build.failure()).contains("403").contains("busy");
    }
}
