package io.jenkins.plugins.cvmfs.notify.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What jobs in folders may name. */
final class SitesOfFoldersTest {

    private static final RepositoryName SW = new RepositoryName("sw.example.org");
    private static final RepositoryName DATA = new RepositoryName("data.example.org");

    private static ServerEntry server(String name, String url, @Nullable String credentialsId) {
        ServerEntry entry = new ServerEntry(name, url);
        entry.setCredentialsId(credentialsId);
        return entry;
    }

    private static RepositoryEntry repository(RepositoryName name, String host) {
        RepositoryEntry entry = new RepositoryEntry(name.value());
        entry.setStratum0("http://zero.%s/cvmfs/%s".formatted(host, name));
        entry.setReplicas(List.of(new ReplicaEntry("site-a", "http://a.%s/cvmfs/%s".formatted(host, name))));
        return entry;
    }

    private static final SiteLevel WHOLE = new SiteLevel(
            null,
            List.of(server("main", "https://notify.example.org/api/v1", "token")),
            List.of(repository(SW, "example.org")));

    private static ConfiguredSites sites(SiteLevel... folders) {
        return sites(List.of("*.team.example.org"), folders);
    }

    private static ConfiguredSites sites(List<String> hosts, SiteLevel... folders) {
        return new ConfiguredSites(
                Stream.concat(Stream.of(folders), Stream.of(WHOLE)).toList(), false, hosts);
    }

    private static SiteLevel folder(String name, List<ServerEntry> servers, RepositoryEntry... repositories) {
        return new SiteLevel(name, servers, List.of(repositories));
    }

    @Test
    void theNearestEntryWithTheNameCounts() {
        ConfiguredSites sites = sites(
                folder("team/inner", List.of(server("main", "https://inner.team.example.org", "inner"))),
                folder(
                        "team",
                        List.of(
                                server("main", "https://notify.team.example.org", "team"),
                                server("other", "https://o.team.example.org", null)),
                        repository(SW, "team.example.org")));

        assertThat(sites.server("main"))
                .extracting(ServerSettings::url, ServerSettings::folder, ServerSettings::credentialsId)
                .containsExactly("https://inner.team.example.org/api/v1", "team/inner", "inner");
        assertThat(sites.server("other")).extracting(ServerSettings::folder).isEqualTo("team");
        assertThat(sites.server(null, SW))
                .as("the only one of the nearest folder that has any")
                .map(ServerSettings::folder)
                .contains("team/inner");
        assertThat(sites.replicas(SW, List.of()))
                .extracting(Replica::location)
                .containsExactly("http://a.team.example.org/cvmfs/sw.example.org");
    }

    @Test
    void whatAFolderDoesNotHaveComesFromAroundIt() {
        ConfiguredSites sites = sites(folder("team", List.of(), repository(DATA, "team.example.org")));

        assertThat(sites.server(null, DATA)).map(ServerSettings::folder).isEmpty();
        assertThat(sites.server(null, DATA)).map(ServerSettings::credentialsId).contains("token");
        assertThat(sites.stratum0(SW)).hasToString("http://zero.example.org/cvmfs/sw.example.org");
    }

    @Test
    void aRepositoryOfAFolderIsAnnouncedAtTheServersOfTheFolderOnly() {
        ConfiguredSites without = sites(folder("team", List.of(), repository(DATA, "team.example.org")));
        ConfiguredSites with = sites(folder(
                "team",
                List.of(server("own", "https://notify.team.example.org", "team")),
                repository(DATA, "team.example.org"),
                repository(SW, "team.example.org")));

        assertThatThrownBy(() -> without.announcer(null, DATA))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith(
                        "repository data.example.org is configured in the folder 'team', so it is not"
                                + " announced at notification server 'main', which is configured under Manage Jenkins > System");
        assertThat(with.announcer(null, DATA))
                .extracting(ServerSettings::folder)
                .isEqualTo("team");
        assertThatThrownBy(() -> with.announcer("main", SW))
                .as("what the folder says of it replaces what Jenkins says")
                .hasMessageContaining("so it is not announced at notification server 'main'");
    }

    @Test
    void aRepositoryOfJenkinsIsAnnouncedAtTheServersOfFoldersToo() {
        ConfiguredSites sites =
                sites(folder("team", List.of(server("own", "https://notify.team.example.org", "team"))));

        assertThat(sites.announcer(null, SW)).extracting(ServerSettings::folder).isEqualTo("team");
        assertThat(sites.announcer("main", SW))
                .extracting(ServerSettings::credentialsId)
                .isEqualTo("token");
    }

    @ParameterizedTest
    @CsvSource({
        "https://notify.team.example.org, true",
        "https://NOTIFY.team.example.org:8443, true",
        "https://notify.example.org/other, true",
        "https://notify.example.org:8443, false",
        "http://notify.example.org, false",
        "http://a.example.org/api/v1, true",
        "http://team.example.org, false",
        "http://notify.team.example.org.evil.net, false",
        "http://evilteam.example.org, false",
        "http://169.254.169.254, false",
        "http://localhost:8080, false",
        "http://[::1], false",
    })
    void aFoldersServerMustBeAtAHostThatIsAllowedOrUsedByJenkins(String url, boolean allowed) {
        ConfiguredSites sites = sites(folder("team", List.of(server("own", url, null))));

        if (allowed) {
            assertThat(sites.server("own").folder()).isEqualTo("team");
        } else {
            assertThatThrownBy(() -> sites.server("own"))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("is not allowed in folders: ask an administrator");
        }
    }

    @Test
    void theSameHoldsForStratum0ReplicasAndTheirProxies() {
        RepositoryEntry internal = repository(DATA, "internal");
        RepositoryEntry proxied = repository(SW, "team.example.org");
        ReplicaEntry replica = new ReplicaEntry("site-a", "http://a.team.example.org/cvmfs/sw.example.org");
        replica.setProxy("http://squid.internal:3128");
        proxied.setReplicas(List.of(replica));
        ConfiguredSites sites = sites(folder("team", List.of(), internal, proxied));

        assertThatThrownBy(() -> sites.stratum0(DATA)).hasMessageContaining("host 'zero.internal' is not allowed");
        assertThatThrownBy(() -> sites.publishedAt(DATA)).hasMessageContaining("host 'zero.internal'");
        assertThatThrownBy(() -> sites.replicas(DATA, List.of())).hasMessageContaining("host 'a.internal'");
        assertThatThrownBy(() -> sites.replicas(DATA, List.of("site-a"))).hasMessageContaining("host 'a.internal'");
        assertThatThrownBy(() -> sites.replicas(DATA, List.of("stratum0")))
                .hasMessageContaining("host 'zero.internal'");
        assertThatThrownBy(() -> sites.trustFiles(DATA)).hasMessageContaining("host 'zero.internal'");
        assertThatThrownBy(() -> sites.replicas(SW, List.of())).hasMessageContaining("host 'squid.internal'");
        proxied.setStratum0(null);
        assertThatThrownBy(() -> sites.trustFiles(SW)).hasMessageContaining("host 'squid.internal'");
    }

    @Test
    void whereUrlsInPipelinesAreAllowedFoldersMayUseAnyHost() {
        ConfiguredSites sites = new ConfiguredSites(
                List.of(folder("team", List.of(server("own", "http://localhost:8080", null))), WHOLE), true, List.of());

        assertThat(sites.server("own").url()).isEqualTo("http://localhost:8080/api/v1");
    }

    @Test
    void anErrorNamesAllPlacesAndEverythingThatIsConfiguredThere() {
        ConfiguredSites sites = sites(folder("team", List.of(), repository(DATA, "team.example.org")));

        assertThatThrownBy(() -> sites.replicas(new RepositoryName("gone.example.org"), List.of()))
                .hasMessage(
                        "no repository 'gone.example.org' is configured in the folder 'team', under Manage Jenkins >"
                                + " System; configured: data.example.org, sw.example.org");
    }

    @Test
    void aNameThatOccursTwiceInAFolderDoesNotAffectOthers() {
        ServerEntry twin = server("twin", "https://notify.team.example.org", null);
        ConfiguredSites sites = sites(folder("team", List.of(twin, twin)));

        assertThatThrownBy(() -> sites.server("twin"))
                .hasMessage("notification server 'twin' is configured 2 times in the folder 'team'");
        assertThat(sites.server("main").folder()).isNull();
    }
}
