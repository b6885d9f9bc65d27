package io.jenkins.plugins.cvmfs.notify.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class RepositoryEntryTest {

    private static List<String> shown(RepositoryEntry repository) {
        return repository.getReplicas().stream()
                .map(entry -> "%s %s %s".formatted(entry.getName(), entry.getUrl(), entry.getProxy()))
                .toList();
    }

    @Test
    void replicasMayComeAsATextBeforeOrAfterTheOthers() {
        // Given
        RepositoryEntry before = new RepositoryEntry("sw.example.org");
        RepositoryEntry after = new RepositoryEntry("sw.example.org");
        List<ReplicaEntry> others = List.of(new ReplicaEntry("site-a", "http://a.example.org/cvmfs/sw.example.org"));
        String text = """
                http://a.example.org/cvmfs/@fqrn@; http://b.example.org/cvmfs/@fqrn@; nonsense
                site-c http://c.example.org/cvmfs/@fqrn@ through http://squid.example.org:3128
                site-d http://d.example.org/cvmfs/@fqrn@ through https://squid.example.org
                """;

        // When
        before.setReplicaList(text);
        before.setReplicas(others);
        after.setReplicas(others);
        after.setReplicaList(text);

        // Then
        assertThat(shown(after))
                .containsExactly(
                        "site-a http://a.example.org/cvmfs/sw.example.org null",
                        "b.example.org http://b.example.org/cvmfs/sw.example.org null",
                        "site-c http://c.example.org/cvmfs/sw.example.org http://squid.example.org:3128",
                        " nonsense null",
                        " site-d http://d.example.org/cvmfs/@fqrn@ through https://squid.example.org null")
                .isEqualTo(shown(before));
        assertThat(after.getReplicaList()).isNull();
    }

    @Test
    void withoutATextTheReplicasAreAsGiven() {
        // Given
        RepositoryEntry repository = new RepositoryEntry("sw.example.org");

        // When
        repository.setReplicaList(null);
        repository.setReplicas(List.of(new ReplicaEntry("site-a", "x")));
        repository.setReplicaList(" ");

        // Then
        assertThat(shown(repository)).containsExactly("site-a x null");
    }
}
