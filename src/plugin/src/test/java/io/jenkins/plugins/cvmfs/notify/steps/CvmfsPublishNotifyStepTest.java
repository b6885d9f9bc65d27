package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class CvmfsPublishNotifyStepTest {

    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

    private static PublishState prepare(
            ConfiguredSites sites,
            @Nullable String repository,
            @Nullable String url,
            @Nullable String file,
            @Nullable String server) {
        return Samples.publish(repository, url, file, server).prepare(sites, NOW);
    }

    @Test
    void exactlyOneSourceMustBeGiven() {
        assertThatThrownBy(() -> prepare(Samples.sites(), null, null, null, null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("exactly one");
        assertThatThrownBy(() -> prepare(Samples.sites(), "sw.example.org", null, "file", null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("exactly one");
    }

    @Test
    void itIsTriedForFiveMinutes() {
        // When
        PublishState state = prepare(Samples.sites(), "sw.example.org", null, null, null);

        // Then
        assertThat(state.giveUpAt()).isEqualTo(NOW.plus(Duration.ofMinutes(5)));
        assertThat(state.manifest()).isNull();
    }

    @Test
    void whatIsNotConfiguredIsReportedBeforeAnythingIsRead() {
        // Given
        ConfiguredSites noServer =
                new ConfiguredSites(List.of(), Samples.sites().repositories(), false);

        // When, Then
        assertThatThrownBy(() -> prepare(Samples.sites(), "other.example.org", null, null, null))
                .hasMessageContaining("no repository 'other.example.org'");
        assertThatThrownBy(() -> prepare(Samples.sites(), "sw.example.org", null, null, "mian"))
                .hasMessageContaining("no notification server 'mian'");
        assertThatThrownBy(() -> prepare(Samples.sites(), null, null, ".cvmfspublished", "mian"))
                .hasMessageContaining("no notification server 'mian'");
        assertThatThrownBy(() -> prepare(noServer, "sw.example.org", null, null, null))
                .hasMessageContaining("no notification server is configured");
    }

    @Test
    void verifyFalseIsRefusedAtTheStartIfTheRepositoryHasMasterKeys() {
        // Given
        ConfiguredSites sites = Samples.sites();
        sites.repositories().get(0).setMasterKeys("-----BEGIN PUBLIC KEY-----");
        CvmfsPublishNotifyStep step = Samples.publishUnverified("sw.example.org", null);

        // When, Then
        assertThatThrownBy(() -> step.prepare(sites, NOW))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("verify: false is not allowed for sw.example.org")
                .hasMessageContaining("Remove it from the pipeline")
                .hasMessageContaining("Let pipelines announce it without verification");
    }

    @Test
    void urlsAreRefusedUnlessAnAdministratorAllowsThem() {
        assertThatThrownBy(() -> prepare(Samples.sites(), null, "http://10.0.0.1/cvmfs/sw.example.org", null, null))
                .hasMessageContaining("not allowed");
        assertThatThrownBy(() -> prepare(Samples.sites(), "sw.example.org", null, null, "http://10.0.0.1/api/v1"))
                .hasMessageContaining("not allowed");
    }
}
