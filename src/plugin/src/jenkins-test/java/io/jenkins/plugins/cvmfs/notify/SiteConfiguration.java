package io.jenkins.plugins.cvmfs.notify;

import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.ReplicaEntry;
import io.jenkins.plugins.cvmfs.notify.config.RepositoryEntry;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** What a Jenkins, perhaps in another process, has to know of a {@link Site}. The server is called {@code main}. */
record SiteConfiguration(String server, List<Repository> repositories) implements Serializable {

    private static final long serialVersionUID = 1L;

    /** @param replicas their URLs by name */
    record Repository(String name, String stratum0, Map<String, String> replicas, String masterKey)
            implements Serializable {

        private static final long serialVersionUID = 1L;

        private Repository by(UnaryOperator<String> urls) {
            Map<String, String> others = new LinkedHashMap<>();
            replicas.forEach((replica, url) -> others.put(replica, urls.apply(url)));
            return new Repository(name, urls.apply(stratum0), others, masterKey);
        }

        private RepositoryEntry entry() {
            RepositoryEntry entry = new RepositoryEntry(name);
            entry.setStratum0(stratum0);
            entry.setReplicas(replicas.entrySet().stream()
                    .map(replica -> new ReplicaEntry(replica.getKey(), replica.getValue()))
                    .toList());
            entry.setMasterKeys(masterKey);
            return entry;
        }
    }

    /** The same site by other URLs. */
    SiteConfiguration by(UnaryOperator<String> urls) {
        return new SiteConfiguration(
                urls.apply(server),
                repositories.stream().map(repository -> repository.by(urls)).toList());
    }

    /** Configures this Jenkins. */
    void apply() {
        apply(new ServerEntry("main", server));
    }

    /** Configures this Jenkins with another server, or the same in another way. */
    void apply(ServerEntry entry) {
        CvmfsNotifyConfiguration configuration = CvmfsNotifyConfiguration.get();
        configuration.setServers(List.of(entry));
        configuration.setRepositories(entries());
    }

    /** The repositories as entries of a form. */
    List<RepositoryEntry> entries() {
        return repositories.stream().map(Repository::entry).toList();
    }
}
