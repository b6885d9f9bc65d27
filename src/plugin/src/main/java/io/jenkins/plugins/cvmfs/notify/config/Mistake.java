package io.jenkins.plugins.cvmfs.notify.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.HttpCache;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings.Transport;
import io.jenkins.plugins.cvmfs.notify.connection.ServerToken;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A mistake in the configuration: Configuration as Code refuses it, and the administrative monitor shows it, because the form keeps
 * entries as they were typed.
 *
 * @param path of the entry and its field, such as {@code repositories[0].replicas[1].url}
 * @param entry in words, such as {@code repository sw.example.org}
 * @param problem one sentence
 */
record Mistake(String path, String entry, String problem) {

    /** Returns the mistakes in the entries of Jenkins as a whole, or of a folder, where these sites can be named. */
    static List<Mistake> in(SiteLevel level, ConfiguredSites sites) {
        Finder finder = new Finder(level.folder() == null ? url -> {} : sites::requireHostInFolders);
        Set<String> known = Set.copyOf(sites.serverNames());
        for (int i = 0; i < level.servers().size(); i++) {
            finder.look("servers[%d]".formatted(i), level.servers().get(i));
        }
        for (int i = 0; i < level.repositories().size(); i++) {
            finder.look("repositories[%d]".formatted(i), level.repositories().get(i), known);
        }
        return finder.found;
    }

    /**
     * Returns the mistakes in what the entries choose of credentials: missing ones, ones of another kind, and keys that are malformed.
     * Separate, because Configuration as Code may bring the credentials later. May block.
     */
    static List<Mistake> inCredentials(SiteLevel level) {
        Finder finder = new Finder(url -> {});
        for (int i = 0; i < level.servers().size(); i++) {
            ServerEntry server = level.servers().get(i);
            String id = server.getCredentialsId();
            if (id != null) {
                finder.check(
                        "servers[%d].credentialsId".formatted(i),
                        named(server),
                        () -> ServerToken.require(level.folder(), server.getUrl(), id));
            }
        }
        for (int i = 0; i < level.repositories().size(); i++) {
            RepositoryEntry repository = level.repositories().get(i);
            finder.check("repositories[%d].masterKeys".formatted(i), "master keys of " + named(repository), () -> {
                var unused = repository.keys(level.folder());
            });
        }
        return finder.found;
    }

    private static String named(ServerEntry server) {
        return "notification server '%s'".formatted(Excerpt.of(server.getName()));
    }

    private static String named(RepositoryEntry repository) {
        return "repository '%s'".formatted(Excerpt.of(repository.getName()));
    }

    private static final class Finder {

        private final List<Mistake> found = new ArrayList<>();
        private final Map<String, String> paths = new HashMap<>();
        private final Consumer<String> hostCheck;

        Finder(Consumer<String> hostCheck) {
            this.hostCheck = hostCheck;
        }

        void look(String path, ServerEntry server) {
            String entry = named(server);
            check(path + ".name", entry, () -> ConfiguredSites.serverName(server.getName()));
            check(path + ".url", entry, () -> {
                var unused = NotificationServer.parse(server.getUrl());
                hostCheck.accept(server.getUrl());
            });
            check(path + ".transport", entry, () -> Transport.parse(server.getTransport()));
            unique("server " + server.getName(), path, entry);
        }

        void look(String path, RepositoryEntry repository, Set<String> servers) {
            String entry = named(repository);
            check(path + ".name", entry, () -> new RepositoryName(repository.getName()));
            unique("repository " + repository.getName(), path, entry);
            String stratum0 = repository.getStratum0();
            if (stratum0 != null) {
                check(path + ".stratum0", entry, () -> checkWeb(stratum0));
            }
            String server = repository.getServer();
            if (server != null && !servers.contains(server)) {
                add(path + ".server", entry, "no notification server '%s' is configured".formatted(Excerpt.of(server)));
            }
            for (int i = 0; i < repository.getReplicas().size(); i++) {
                look(
                        "%s.replicas[%d]".formatted(path, i),
                        entry,
                        repository.getReplicas().get(i));
            }
        }

        private void look(String path, String repository, ReplicaEntry replica) {
            String entry = "replica '%s' of %s".formatted(Excerpt.of(replica.getName()), repository);
            check(path + ".name", entry, () -> ConfiguredSites.replicaName(replica.getName()));
            check(path + ".url", entry, () -> checkWeb(replica.getUrl()));
            String proxy = replica.getProxy();
            if (proxy != null) {
                check(path + ".proxy", entry, () -> {
                    var unused = HttpCache.parse(proxy);
                    hostCheck.accept(proxy);
                });
            }
            unique(path.substring(0, path.lastIndexOf('[')) + " " + replica.getName(), path, entry);
        }

        private void checkWeb(String url) {
            var unused = ConfiguredSites.webLocation(url);
            hostCheck.accept(url);
        }

        private void check(String path, String entry, Runnable check) {
            try {
                check.run();
            } catch (NotifyException e) {
                add(path, entry, e.getMessage());
            }
        }

        private void unique(String name, String path, String entry) {
            String other = paths.putIfAbsent(name, path);
            if (other != null) {
                add(path + ".name", entry, "%s has this name too".formatted(other));
            }
        }

        private void add(String path, String entry, String problem) {
            found.add(new Mistake(path, entry, problem));
        }
    }
}
