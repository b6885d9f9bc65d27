package io.jenkins.plugins.cvmfs.notify.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings.Transport;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DirectoryTest {

    private static final RepositoryName SW = new RepositoryName("sw.example.org");
    private static final RepositoryName UNKNOWN = new RepositoryName("unknown.example.org");

    private final ServerEntry main = new ServerEntry("main", "https://notify.example.org/api/v1");
    private final ServerEntry spare = new ServerEntry("spare", "https://spare.example.org/api/v1");
    private final RepositoryEntry sw = new RepositoryEntry("sw.example.org");

    private Directory directory(boolean urls, ServerEntry... servers) {
        return new Directory(List.of(servers), List.of(sw), urls);
    }

    @Test
    void theOnlyServerNeedNotBeNamed() {
        // Given
        Directory directory = directory(false, main);

        // When
        var server = directory.server(null, UNKNOWN);

        // Then
        assertThat(server).map(ServerSettings::name).contains("main");
    }

    @Test
    void theServerOfTheRepositoryComesBeforeOthers() {
        // Given
        sw.setServer("spare");
        Directory directory = directory(false, main, spare);

        // When
        var server = directory.server(null, SW);

        // Then
        assertThat(server).map(ServerSettings::name).contains("spare");
    }

    @Test
    void aServerIsTriedWithTheRepositoriesThatAreWaitedForThere() {
        // Given one repository at each server, one at neither, and one with a mistake
        sw.setServer("spare");
        RepositoryEntry other = new RepositoryEntry("other.example.org");
        other.setServer("main");
        RepositoryEntry undecided = new RepositoryEntry("undecided.example.org");
        RepositoryEntry wrong = new RepositoryEntry("no repository");
        wrong.setServer("spare");
        Directory directory = new Directory(List.of(main, spare), List.of(sw, other, undecided, wrong), false);

        // When
        var repositories = directory.repositoriesAt("https://spare.example.org/api/v1");

        // Then
        assertThat(repositories).containsExactly(SW);
    }

    @Test
    void amongSeveralServersOneMustBeChosen() {
        // Given
        Directory directory = directory(false, main, spare);

        // When, Then
        assertThatThrownBy(() -> directory.server(null, SW))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("main, spare");
        assertThat(directory.server("main", SW)).map(ServerSettings::url).contains("https://notify.example.org/api/v1");
    }

    @Test
    void withoutAnyServerThereIsNone() {
        // Given
        Directory directory = directory(false);

        // When
        var server = directory.server(null, SW);

        // Then
        assertThat(server).isEmpty();
    }

    @Test
    void anUnknownServerIsRefusedWithTheKnownNames() {
        // Given
        Directory directory = directory(false, main);

        // When, Then
        assertThatThrownBy(() -> directory.server("mian", SW))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'mian'")
                .hasMessageContaining("configured: main");
    }

    @Test
    void whoIsToAnnounceNeedsAServer() {
        // Given
        Directory none = directory(false);

        // When, Then
        assertThat(directory(false, main).announcer(null, SW).name()).isEqualTo("main");
        assertThatThrownBy(() -> none.announcer(null, SW))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("no notification server is configured");
    }

    @Test
    void ofTwoWithOneNameNoneIsTaken() {
        // Given
        ServerEntry twin = new ServerEntry("main", "https://twin.example.org/api/v1");
        sw.setReplicas(List.of(
                new ReplicaEntry("site-a", "http://a.example.org/x"),
                new ReplicaEntry("site-a", "http://b.example.org/x")));
        Directory directory = new Directory(List.of(main, twin), List.of(sw), false);
        Directory repositories =
                new Directory(List.of(main), List.of(sw, new RepositoryEntry("sw.example.org")), false);

        // When, Then
        assertThatThrownBy(() -> directory.server("main", SW))
                .hasMessage("notification server 'main' is configured 2 times under Manage Jenkins > System");
        assertThatThrownBy(() -> directory.replicas(SW, List.of("site-a"))).hasMessageContaining("replica 'site-a'");
        assertThatThrownBy(() -> repositories.stratum0(SW)).hasMessageContaining("repository 'sw.example.org'");
    }

    @Test
    void urlsInPipelinesAreRefusedUnlessAllowed() {
        // Given
        Directory directory = directory(false, main);

        // When, Then
        assertThatThrownBy(() -> directory.server("http://169.254.169.254/api/v1", SW))
                .hasMessageContaining("not allowed");
        assertThatThrownBy(() -> directory.given("http://10.0.0.1/cvmfs/sw.example.org"))
                .hasMessageContaining("not allowed");
        assertThatThrownBy(() -> directory.replicas(SW, List.of("http://10.0.0.1/cvmfs/sw.example.org")))
                .hasMessageContaining("not allowed");
    }

    @Test
    void aTokenNeverGoesToAServerThatAPipelineNamesByUrl() {
        // Given
        main.setCredentialsId("token");
        Directory directory = directory(true, main);

        // When
        ServerSettings server = directory.server(main.getUrl(), SW).orElseThrow();

        // Then
        assertThat(server.credentialsId()).isNull();
        assertThat(server.transport()).isEqualTo(Transport.AUTO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "/etc/passwd", "relative", "ftp://host/x", "http://user:pw@host/x"})
    void onlyWebAddressesAreReadEvenWhereUrlsAreAllowed(String address) {
        // Given
        Directory directory = directory(true, main);

        // When, Then
        assertThatThrownBy(() -> directory.given(address))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageNotContaining("pw@");
    }

    @Test
    void withoutNamesAllConfiguredReplicasAreWatched() {
        // Given
        sw.setReplicas(List.of(
                new ReplicaEntry("site-a", "http://a.example.org/cvmfs/sw.example.org"),
                new ReplicaEntry("site-b", "http://b.example.org/cvmfs/sw.example.org/")));

        // When
        List<Replica> replicas = directory(false).replicas(SW, List.of());

        // Then
        assertThat(replicas)
                .containsExactly(
                        new Replica("site-a", "http://a.example.org/cvmfs/sw.example.org"),
                        new Replica("site-b", "http://b.example.org/cvmfs/sw.example.org"));
    }

    @Test
    void withoutReplicasTheStratum0IsWatched() {
        // Given
        sw.setStratum0("http://zero.example.org/cvmfs/sw.example.org");

        // When
        List<Replica> replicas = directory(false).replicas(SW, List.of());

        // Then
        assertThat(replicas).extracting(Replica::name).containsExactly(Directory.STRATUM_0);
        assertThat(directory(false).replicas(SW, List.of("stratum0"))).isEqualTo(replicas);
    }

    @Test
    void unknownRepositoriesAndReplicasAreRefusedWithTheKnownNames() {
        // Given
        sw.setReplicas(List.of(new ReplicaEntry("site-a", "http://a.example.org/x")));
        Directory directory = directory(false);

        // When, Then
        assertThatThrownBy(() -> directory.replicas(UNKNOWN, List.of())).hasMessageContaining("sw.example.org");
        assertThatThrownBy(() -> directory.replicas(SW, List.of("site-c"))).hasMessageContaining("site-a");
        assertThatThrownBy(() -> directory.stratum0(SW)).hasMessageContaining("stratum 0");
    }

    @Test
    void aBrokenEntryDoesNotDisturbTheOthers() {
        // Given
        Directory directory = directory(false, new ServerEntry("broken", "not a URL"), main);

        // When
        var server = directory.server("main", SW);

        // Then
        assertThat(server).isPresent();
        assertThatThrownBy(() -> directory.server("broken", SW)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void aWrongTransportIsToldWhenTheServerIsUsed() {
        // Given
        main.setTransport("pigeon");

        // When, Then
        assertThatThrownBy(() -> directory(false, main).server("main", SW)).hasMessageContaining("'pigeon'");
    }

    @Test
    void masterKeysAreOptional() {
        // Given
        Directory directory = directory(false, main);

        // When
        var keys = directory.keysToVerifyWith(SW, true);

        // Then
        assertThat(keys).isEmpty();
        assertThat(directory.keysToVerifyWith(SW, false)).isEmpty();
        assertThat(directory.keysToVerifyWith(UNKNOWN, true)).isEmpty();
        sw.setMasterKeys("not a key");
        assertThatThrownBy(() -> directory.keysToVerifyWith(SW, true))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith(
                        "the master keys of sw.example.org under Manage Jenkins > System are malformed: ")
                .hasMessageContaining("BEGIN PUBLIC KEY");
    }

    @Test
    void onlyAnAdministratorLetsPipelinesSwitchVerificationOff() {
        // Given
        Directory directory = directory(false, main);
        sw.setMasterKeys("-----BEGIN PUBLIC KEY-----");

        // When, Then
        assertThat(sw.isAllowUnverified()).isFalse();
        assertThatThrownBy(() -> directory.keysToVerifyWith(SW, false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("not allowed for sw.example.org");
        sw.setAllowUnverified(true);
        assertThat(directory.keysToVerifyWith(SW, false)).isEmpty();
    }

    @Test
    void aConfiguredServerIsToldOfConfiguredRepositoriesOnly() {
        // Given
        main.setCredentialsId("token");
        Directory directory = directory(true, main);

        // When, Then
        assertThatThrownBy(() -> directory.announcer(null, UNKNOWN))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith(
                        "repository unknown.example.org is not configured, and notification server 'main'")
                .hasMessageEndingWith("configured: sw.example.org");
        assertThatThrownBy(() -> directory.announcer("main", UNKNOWN)).isInstanceOf(InvalidInputException.class);
        assertThat(directory
                        .announcer("https://other.example.org/api/v1", UNKNOWN)
                        .credentialsId())
                .isNull();
    }
}
