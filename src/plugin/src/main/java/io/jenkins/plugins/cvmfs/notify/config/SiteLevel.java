package io.jenkins.plugins.cvmfs.notify.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The servers and repositories of one place: of Jenkins as a whole, which administrators configure, or of a folder, which those who
 * may configure the folder do. Immutable.
 *
 * @param folder its full name; null for Jenkins as a whole
 * @param servers as configured
 * @param repositories as configured
 */
record SiteLevel(@Nullable String folder, List<ServerEntry> servers, List<RepositoryEntry> repositories) {

    /** Copies the lists. */
    SiteLevel {
        servers = List.copyOf(servers);
        repositories = List.copyOf(repositories);
    }

    /** @throws InvalidInputException if there are several */
    Optional<ServerEntry> server(String name) {
        return only("notification server", servers, ServerEntry::getName, name);
    }

    /** @throws InvalidInputException if there are several */
    Optional<RepositoryEntry> repository(RepositoryName name) {
        return only("repository", repositories, RepositoryEntry::getName, name.value());
    }

    /** @throws InvalidInputException if there are several */
    Optional<ReplicaEntry> replica(RepositoryEntry repository, String name) {
        return only("replica", repository.getReplicas(), ReplicaEntry::getName, name);
    }

    /** Refuses two entries with one name: it would be a matter of luck which is meant, and whose token is sent. */
    private <T> Optional<T> only(String what, List<T> entries, Function<T, String> name, String wanted) {
        List<T> found = entries.stream()
                .filter(entry -> name.apply(entry).equals(wanted))
                .toList();
        if (found.size() > 1) {
            throw new InvalidInputException(
                    "%s '%s' is configured %d times %s".formatted(what, Excerpt.of(wanted), found.size(), place()));
        }
        return found.stream().findFirst();
    }

    /** Says where its form is. */
    String place() {
        return folder == null ? "under Manage Jenkins > System" : "in the folder '%s'".formatted(Excerpt.of(folder));
    }
}
