package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.config.Directory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class PublishRequestTest {

    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

    private static PublishState begin(
            Directory directory,
            @Nullable String repository,
            @Nullable String url,
            @Nullable String file,
            @Nullable String server) {
        return new PublishRequest(repository, url, file, server, true).begin(directory, NOW);
    }

    @Test
    void exactlyOneSourceMustBeGiven() {
        assertThatThrownBy(() -> begin(Samples.directory(), null, null, null, null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("exactly one");
        assertThatThrownBy(() -> begin(Samples.directory(), "sw.example.org", null, "file", null))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("exactly one");
    }

    @Test
    void itIsTriedForFiveMinutes() {
        // When
        PublishState state = begin(Samples.directory(), "sw.example.org", null, null, null);

        // Then
        assertThat(state.giveUpAt()).isEqualTo(NOW.plus(Duration.ofMinutes(5)));
        assertThat(state.manifest()).isNull();
    }

    @Test
    void whatIsNotConfiguredIsToldBeforeAnythingIsRead() {
        // Given
        Directory noServer = new Directory(List.of(), Samples.directory().repositories(), false);

        // When, Then
        assertThatThrownBy(() -> begin(Samples.directory(), "other.example.org", null, null, null))
                .hasMessageContaining("no repository 'other.example.org'");
        assertThatThrownBy(() -> begin(Samples.directory(), "sw.example.org", null, null, "mian"))
                .hasMessageContaining("no notification server 'mian'");
        assertThatThrownBy(() -> begin(Samples.directory(), null, null, ".cvmfspublished", "mian"))
                .hasMessageContaining("no notification server 'mian'");
        assertThatThrownBy(() -> begin(noServer, "sw.example.org", null, null, null))
                .hasMessageContaining("no notification server is configured");
    }

    @Test
    void verifyFalseIsRefusedAtTheStartIfTheRepositoryHasMasterKeys() {
        // Given
        Directory directory = Samples.directory();
        directory.repositories().get(0).setMasterKeys("-----BEGIN PUBLIC KEY-----");
        PublishRequest request = new PublishRequest("sw.example.org", null, null, null, false);

        // When, Then
        assertThatThrownBy(() -> request.begin(directory, NOW))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("verify: false is not allowed for sw.example.org")
                .hasMessageContaining("Remove it from the pipeline")
                .hasMessageContaining("Let pipelines announce it without verification");
    }

    @Test
    void urlsAreRefusedUnlessAnAdministratorAllowsThem() {
        assertThatThrownBy(() -> begin(Samples.directory(), null, "http://10.0.0.1/cvmfs/sw.example.org", null, null))
                .hasMessageContaining("not allowed");
        assertThatThrownBy(() -> begin(Samples.directory(), "sw.example.org", null, null, "http://10.0.0.1/api/v1"))
                .hasMessageContaining("not allowed");
    }
}
