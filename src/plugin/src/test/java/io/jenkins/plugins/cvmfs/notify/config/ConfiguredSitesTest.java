package io.jenkins.plugins.cvmfs.notify.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
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

final class ConfiguredSitesTest {

    private static final RepositoryName SW = new RepositoryName("sw.example.org");
    private static final RepositoryName UNKNOWN = new RepositoryName("unknown.example.org");

    private final ServerEntry main = new ServerEntry("main", "https://notify.example.org/api/v1");
    private final ServerEntry spare = new ServerEntry("spare", "https://spare.example.org/api/v1");
    private final RepositoryEntry sw = new RepositoryEntry("sw.example.org");

    private ConfiguredSites sites(boolean urls, ServerEntry... servers) {
        return new ConfiguredSites(List.of(servers), List.of(sw), urls);
    }

    @Test
    void theOnlyServerNeedNotBeNamed() {
        // Given
        ConfiguredSites sites = sites(false, main);

        // When
        var server = sites.server(null, UNKNOWN);

        // Then
        assertThat(server).map(ServerSettings::name).contains("main");
    }

    @Test
    void theServerOfTheRepositoryComesBeforeOthers() {
        // Given
        sw.setServer("spare");
        ConfiguredSites sites = sites(false, main, spare);

        // When
        var server = sites.server(null, SW);

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
        ConfiguredSites sites = new ConfiguredSites(List.of(main, spare), List.of(sw, other, undecided, wrong), false);

        // When
        var repositories = sites.repositoriesAt("https://spare.example.org/api/v1");

        // Then
        assertThat(repositories).containsExactly(SW);
    }

    @Test
    void amongSeveralServersOneMustBeChosen() {
        // Given
        ConfiguredSites sites = sites(false, main, spare);

        // When, Then
        assertThatThrownBy(() -> sites.server(null, SW))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("main, spare");
        assertThat(sites.server("main", SW)).map(ServerSettings::url).contains("https://notify.example.org/api/v1");
    }

    @Test
    void withoutAnyServerThereIsNone() {
        // Given
        ConfiguredSites sites = sites(false);

        // When
        var server = sites.server(null, SW);

        // Then
        assertThat(server).isEmpty();
    }

    @Test
    void anUnknownServerIsRefusedWithTheKnownNames() {
        // Given
        ConfiguredSites sites = sites(false, main);

        // When, Then
        assertThatThrownBy(() -> sites.server("mian", SW))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'mian'")
                .hasMessageContaining("configured: main");
    }

    @Test
    void whoIsToAnnounceNeedsAServer() {
        // Given
        ConfiguredSites none = sites(false);

        // When, Then
        assertThat(sites(false, main).announcer(null, SW).name()).isEqualTo("main");
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
        ConfiguredSites sites = new ConfiguredSites(List.of(main, twin), List.of(sw), false);
        ConfiguredSites repositories =
                new ConfiguredSites(List.of(main), List.of(sw, new RepositoryEntry("sw.example.org")), false);

        // When, Then
        assertThatThrownBy(() -> sites.server("main", SW))
                .hasMessage("notification server 'main' is configured 2 times under Manage Jenkins > System");
        assertThatThrownBy(() -> sites.replicas(SW, List.of("site-a"))).hasMessageContaining("replica 'site-a'");
        assertThatThrownBy(() -> repositories.stratum0(SW)).hasMessageContaining("repository 'sw.example.org'");
    }

    @Test
    void urlsInPipelinesAreRefusedUnlessAllowed() {
        // Given
        ConfiguredSites sites = sites(false, main);

        // When, Then
        assertThatThrownBy(() -> sites.server("http://169.254.169.254/api/v1", SW))
                .hasMessageContaining("not allowed");
        assertThatThrownBy(() -> sites.given("http://10.0.0.1/cvmfs/sw.example.org"))
                .hasMessageContaining("not allowed");
        assertThatThrownBy(() -> sites.replicas(SW, List.of("http://10.0.0.1/cvmfs/sw.example.org")))
                .hasMessageContaining("not allowed");
    }

    @Test
    void aTokenNeverGoesToAServerThatAPipelineNamesByUrl() {
        // Given
        main.setCredentialsId("token");
        ConfiguredSites sites = sites(true, main);

        // When
        ServerSettings server = sites.server(main.getUrl(), SW).orElseThrow();

        // Then
        assertThat(server.credentialsId()).isNull();
        assertThat(server.transport()).isEqualTo(Transport.AUTO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "/etc/passwd", "relative", "ftp://host/x", "http://user:pw@host/x"})
    void onlyWebAddressesAreReadEvenWhereUrlsAreAllowed(String address) {
        // Given
        ConfiguredSites sites = sites(true, main);

        // When, Then
        assertThatThrownBy(() -> sites.given(address))
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
        List<Replica> replicas = sites(false).replicas(SW, List.of());

        // Then
        assertThat(replicas)
                .containsExactly(
                        new Replica("site-a", "http://a.example.org/cvmfs/sw.example.org"),
                        new Replica("site-b", "http://b.example.org/cvmfs/sw.example.org"));
    }

    @Test
    void aReplicaWithAProxyIsReadThroughIt() {
        // Given
        ReplicaEntry squid = new ReplicaEntry("site-a", "http://a.example.org/cvmfs/sw.example.org");
        squid.setProxy(" http://squid.example.org:3128/ ");
        sw.setReplicas(List.of(squid, new ReplicaEntry("site-b", "http://b.example.org/cvmfs/sw.example.org")));
        String through = "http://a.example.org/cvmfs/sw.example.org through http://squid.example.org:3128";

        // When
        List<Replica> replicas = sites(false).replicas(SW, List.of());

        // Then
        assertThat(replicas).extracting(Replica::location).startsWith(through).hasSize(2);
        assertThat(sites(false).replicas(SW, List.of("site-a"))).containsExactly(replicas.get(0));
        assertThat(sites(false).trustFiles(SW)).hasToString(through);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"squid.example.org:3128", "http://squid.example.org", "https://squid.example.org:3128", "DIRECT"
            })
    void aProxyThatIsNoneIsReportedWhenTheReplicaIsUsed(String proxy) {
        // Given
        ReplicaEntry replica = new ReplicaEntry("site-a", "http://a.example.org/cvmfs/sw.example.org");
        replica.setProxy(proxy);
        sw.setReplicas(List.of(replica));

        // When, Then
        assertThatThrownBy(() -> sites(false).replicas(SW, List.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("HTTP cache");
    }

    @Test
    void withoutReplicasTheStratum0IsWatched() {
        // Given
        sw.setStratum0("http://zero.example.org/cvmfs/sw.example.org");

        // When
        List<Replica> replicas = sites(false).replicas(SW, List.of());

        // Then
        assertThat(replicas).extracting(Replica::name).containsExactly(ConfiguredSites.STRATUM_0);
        assertThat(sites(false).replicas(SW, List.of("stratum0"))).isEqualTo(replicas);
    }

    @Test
    void unknownRepositoriesAndReplicasAreRefusedWithTheKnownNames() {
        // Given
        sw.setReplicas(List.of(new ReplicaEntry("site-a", "http://a.example.org/x")));
        ConfiguredSites sites = sites(false);

        // When, Then
        assertThatThrownBy(() -> sites.replicas(UNKNOWN, List.of())).hasMessageContaining("sw.example.org");
        assertThatThrownBy(() -> sites.replicas(SW, List.of("site-c"))).hasMessageContaining("site-a");
        assertThatThrownBy(() -> sites.stratum0(SW)).hasMessageContaining("stratum 0");
    }

    @Test
    void aBrokenEntryDoesNotAffectTheOthers() {
        // Given
        ConfiguredSites sites = sites(false, new ServerEntry("broken", "not a URL"), main);

        // When
        var server = sites.server("main", SW);

        // Then
        assertThat(server).isPresent();
        assertThatThrownBy(() -> sites.server("broken", SW)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void aWrongTransportIsReportedWhenTheServerIsUsed() {
        // Given
        main.setTransport("pigeon");

        // When, Then
        assertThatThrownBy(() -> sites(false, main).server("main", SW)).hasMessageContaining("'pigeon'");
    }

    @Test
    void masterKeysAreOptional() {
        // Given
        ConfiguredSites sites = sites(false, main);

        // When
        var keys = sites.keysToVerifyWith(SW, true);

        // Then
        assertThat(keys).isEmpty();
        assertThat(sites.keysToVerifyWith(SW, false)).isEmpty();
        assertThat(sites.keysToVerifyWith(UNKNOWN, true)).isEmpty();
        sw.setMasterKeys("not a key");
        assertThatThrownBy(() -> sites.keysToVerifyWith(SW, true))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith(
                        "the master keys of sw.example.org under Manage Jenkins > System are malformed: ")
                .hasMessageContaining("BEGIN PUBLIC KEY");
    }

    @Test
    void keysAmongTheCredentialsMakeARepositoryVerified() {
        // Given
        ConfiguredSites sites = sites(false, main);
        sw.setMasterKeysCredentialsId("keys");

        // When, Then
        assertThatThrownBy(() -> sites.keysToVerifyWith(SW, false))
                .hasMessageContaining("not allowed for sw.example.org");
        assertThatThrownBy(() -> sites.checkVerification(SW, false)).hasMessageContaining("not allowed");
        assertThatCode(() -> sites.checkVerification(SW, true)).doesNotThrowAnyException();
        sw.setMasterKeys("not a key");
        assertThatThrownBy(() -> sites.checkVerification(SW, true)).hasMessageContaining("malformed");
    }

    @Test
    void onlyAnAdministratorLetsPipelinesSwitchVerificationOff() {
        // Given
        ConfiguredSites sites = sites(false, main);
        sw.setMasterKeys("-----BEGIN PUBLIC KEY-----");

        // When, Then
        assertThat(sw.isAllowUnverified()).isFalse();
        assertThatThrownBy(() -> sites.keysToVerifyWith(SW, false))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("not allowed for sw.example.org");
        sw.setAllowUnverified(true);
        assertThat(sites.keysToVerifyWith(SW, false)).isEmpty();
    }

    @Test
    void onlyConfiguredRepositoriesAreAnnouncedAtAConfiguredServer() {
        // Given
        main.setCredentialsId("token");
        ConfiguredSites sites = sites(true, main);

        // When, Then
        assertThatThrownBy(() -> sites.announcer(null, UNKNOWN))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith(
                        "repository unknown.example.org is not configured, and only configured repositories are announced at notification server 'main'")
                .hasMessageEndingWith("configured: sw.example.org");
        assertThatThrownBy(() -> sites.announcer("main", UNKNOWN)).isInstanceOf(InvalidInputException.class);
        assertThat(sites.announcer("https://other.example.org/api/v1", UNKNOWN).credentialsId())
                .isNull();
    }
}
