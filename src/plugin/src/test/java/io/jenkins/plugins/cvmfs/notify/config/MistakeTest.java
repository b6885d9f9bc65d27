package io.jenkins.plugins.cvmfs.notify.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class MistakeTest {

    private static ServerEntry server(String name, String url) {
        return new ServerEntry(name, url);
    }

    private static RepositoryEntry repository(String name, ReplicaEntry... replicas) {
        RepositoryEntry entry = new RepositoryEntry(name);
        entry.setReplicas(List.of(replicas));
        return entry;
    }

    private static List<Mistake> mistakes(List<ServerEntry> servers, List<RepositoryEntry> repositories) {
        return Mistake.in(
                new SiteLevel(null, servers, repositories), new ConfiguredSites(servers, repositories, false));
    }

    private static List<String> paths(List<Mistake> mistakes) {
        return mistakes.stream().map(Mistake::path).toList();
    }

    @Test
    void aConfigurationThatWorksHasNone() {
        RepositoryEntry repository =
                repository("sw.example.org", new ReplicaEntry("site-a", "http://a.example.org/cvmfs/sw.example.org"));
        repository.setServer("main");
        repository.setStratum0("http://zero.example.org/cvmfs/sw.example.org");

        assertThat(mistakes(List.of(server("main", "https://notify.example.org")), List.of(repository)))
                .isEmpty();
    }

    @Test
    void eachWrongFieldOfAServerIsNamedByItsPath() {
        ServerEntry wrong = server("", "ftp://notify.example.org");
        wrong.setTransport("pigeon");

        List<Mistake> mistakes = mistakes(List.of(server("main", "https://notify.example.org"), wrong), List.of());

        assertThat(paths(mistakes)).containsExactly("servers[1].name", "servers[1].url", "servers[1].transport");
        assertThat(mistakes.get(2).problem()).contains("transport is 'pigeon', must be 'auto'");
    }

    @Test
    void eachWrongFieldOfARepositoryIsNamedByItsPath() {
        RepositoryEntry wrong = repository("no name!", new ReplicaEntry("site-a", "/cvmfs/sw.example.org"));
        wrong.setStratum0("file:///etc");
        wrong.setServer("gone");

        List<Mistake> mistakes = mistakes(List.of(), List.of(wrong));

        assertThat(paths(mistakes))
                .containsExactly(
                        "repositories[0].name",
                        "repositories[0].stratum0",
                        "repositories[0].server",
                        "repositories[0].replicas[0].url");
        assertThat(mistakes.get(2).problem()).isEqualTo("no notification server 'gone' is configured");
    }

    @Test
    void namesThatOccurTwiceAreMistakes() {
        ReplicaEntry replica = new ReplicaEntry("site-a", "http://a.example.org/cvmfs/sw.example.org");

        List<Mistake> mistakes = mistakes(
                List.of(server("main", "https://a.example.org"), server("main", "https://b.example.org")),
                List.of(repository("sw.example.org", replica, replica), repository("sw.example.org", replica)));

        assertThat(paths(mistakes))
                .containsExactly("servers[1].name", "repositories[0].replicas[1].name", "repositories[1].name");
        assertThat(mistakes.get(0).entry()).isEqualTo("notification server 'main'");
        assertThat(mistakes.get(0).problem()).isEqualTo("servers[0] has this name too");
    }
}
