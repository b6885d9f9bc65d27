package io.jenkins.plugins.cvmfs.notify.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a pipeline names: servers, repositories, replicas. Every method reads only the entries it is asked for, so that a
 * mistake in one does not disturb the others. Immutable.
 *
 * <p>A pipeline's author is not trusted with addresses: a URL in a pipeline is refused unless an administrator allows it, and a
 * token only ever goes to the server that an administrator configured it for.
 *
 * @param servers as configured
 * @param repositories as configured
 * @param urlsInPipelines whether a pipeline may give URLs of its own
 */
public record Directory(List<ServerEntry> servers, List<RepositoryEntry> repositories, boolean urlsInPipelines) {

    /** The name of the stratum 0 where replicas are named. */
    public static final String STRATUM_0 = "stratum0";

    /** Copies the lists. */
    public Directory {
        servers = List.copyOf(servers);
        repositories = List.copyOf(repositories);
    }

    /**
     * The server to use.
     *
     * @param wanted a name, or a URL where that is allowed; null for the one of the repository, else the only one there is
     * @return empty if none is wanted and none is configured
     * @throws InvalidInputException if there is no such server, or several and none is chosen
     */
    public Optional<ServerSettings> server(@Nullable String wanted, RepositoryName repository) {
        if (wanted != null) {
            return Optional.of(server(wanted));
        }
        Optional<String> preferred = entry(repository).map(RepositoryEntry::getServer);
        if (preferred.isPresent()) {
            return preferred.map(this::named);
        }
        if (servers.size() > 1) {
            throw new InvalidInputException("several notification servers are configured (%s); choose one with server:"
                    .formatted(names(servers, ServerEntry::getName)));
        }
        return servers.stream().findFirst().map(ServerEntry::settings);
    }

    /**
     * The server that a pipeline names, or gives by URL where that is allowed.
     *
     * @throws InvalidInputException if there is no such server
     */
    public ServerSettings server(String wanted) {
        return isUrl(wanted) ? anonymous(allowed(wanted)) : named(wanted);
    }

    /**
     * The server to announce a repository at. A configured server is told of configured repositories only: which repositories are
     * announced with its token, and from this Jenkins, is the administrator's decision. A server that a pipeline gives by URL gets no token.
     *
     * @param wanted a name, or a URL where that is allowed; null for the one of the repository, else the only one there is
     * @throws InvalidInputException if there is no such server, none at all, or several and none is chosen; if the server is
     *     configured and the repository is not
     */
    public ServerSettings announcer(@Nullable String wanted, RepositoryName repository) {
        ServerSettings server = server(wanted, repository)
                .orElseThrow(
                        () -> new InvalidInputException(
                                "no notification server is configured under Manage Jenkins > System, section CVMFS notifications"));
        boolean byUrl = wanted != null && isUrl(wanted);
        if (!byUrl && entry(repository).isEmpty()) {
            throw new InvalidInputException(
                    ("repository %s is not configured, and notification server '%s' is told of configured"
                                    + " repositories only: ask an administrator to add the repository under Manage Jenkins > System,"
                                    + " section CVMFS notifications; configured: %s")
                            .formatted(repository, server, names(repositories, RepositoryEntry::getName)));
        }
        return server;
    }

    /**
     * The repositories that are waited for at this server unless a pipeline chooses another. Entries with a mistake are left out.
     *
     * @param url as {@link ServerSettings#url()} gives it
     */
    List<RepositoryName> repositoriesAt(String url) {
        List<RepositoryName> found = new ArrayList<>();
        for (RepositoryEntry repository : repositories) {
            try {
                RepositoryName name = new RepositoryName(repository.getName());
                server(null, name).filter(server -> server.url().equals(url)).ifPresent(server -> found.add(name));
            } catch (InvalidInputException e) {
                // It is said where the entry is configured.
            }
        }
        return found;
    }

    private ServerSettings named(String name) {
        return only("notification server", servers, ServerEntry::getName, name)
                .orElseThrow(() -> unknown("no notification server", name, names(servers, ServerEntry::getName)))
                .settings();
    }

    private static ServerSettings anonymous(String url) {
        return new ServerSettings(url, url, Transport.AUTO, null);
    }

    /**
     * Where the repository is published.
     *
     * @throws InvalidInputException if it is not configured, or without a stratum 0
     */
    public RepositoryLocation.Web stratum0(RepositoryName repository) {
        String url = known(repository).getStratum0();
        if (url == null) {
            throw new InvalidInputException(
                    "repository %s is configured without the URL of its stratum 0".formatted(repository));
        }
        return webLocation(url);
    }

    /**
     * Where to read the whitelist and the certificate that a manifest in a workspace is verified with: on the stratum 0, or on the
     * first replica if this Jenkins is not told of the stratum 0. Both files are signed, so that any copy will do.
     *
     * @throws InvalidInputException if the repository is not configured, or with neither
     */
    public RepositoryLocation.Web trustFiles(RepositoryName repository) {
        RepositoryEntry entry = known(repository);
        if (entry.getStratum0() == null && entry.getReplicas().isEmpty()) {
            throw new InvalidInputException(
                    ("the manifest of %s cannot be verified: its certificate and whitelist are read from the"
                                    + " stratum 0, else from the first replica, and neither is configured under Manage Jenkins > System")
                            .formatted(repository));
        }
        return entry.getStratum0() == null
                ? webLocation(entry.getReplicas().get(0).getUrl())
                : stratum0(repository);
    }

    /**
     * A location that a pipeline gives itself.
     *
     * @throws InvalidInputException if that is not allowed, or it is no http or https URL
     */
    public RepositoryLocation.Web given(String url) {
        return webLocation(allowed(url));
    }

    /**
     * The replicas to watch.
     *
     * @param wanted names, or URLs where that is allowed; empty for all that are configured, else the stratum 0
     * @throws InvalidInputException if one is not known, or there is none
     */
    public List<Replica> replicas(RepositoryName repository, List<String> wanted) {
        if (!wanted.isEmpty()) {
            return wanted.stream().map(name -> replica(repository, name)).toList();
        }
        List<ReplicaEntry> all = known(repository).getReplicas();
        return all.isEmpty()
                ? List.of(replica(STRATUM_0, stratum0(repository)))
                : all.stream().map(Directory::replica).toList();
    }

    private Replica replica(RepositoryName repository, String wanted) {
        if (isUrl(wanted)) {
            RepositoryLocation.Web location = given(wanted);
            return replica(location.toString(), location);
        }
        List<ReplicaEntry> all = known(repository).getReplicas();
        Optional<ReplicaEntry> named = only("replica", all, ReplicaEntry::getName, wanted);
        if (named.isEmpty() && wanted.equals(STRATUM_0)) {
            return replica(STRATUM_0, stratum0(repository));
        }
        return replica(named.orElseThrow(
                () -> unknown("no replica of " + repository, wanted, names(all, ReplicaEntry::getName))));
    }

    private static Replica replica(ReplicaEntry entry) {
        return replica(entry.getName(), webLocation(entry.getUrl()));
    }

    private static Replica replica(String name, RepositoryLocation.Web location) {
        return new Replica(name, location.toString());
    }

    /**
     * The keys to verify a manifest of the repository with. Empty if it is announced unverified: if it has no keys or is not
     * configured, or if the pipeline asks for that and an administrator allows it.
     *
     * @param verify false if the pipeline asks for no verification
     * @throws InvalidInputException if that is not allowed, or the keys are malformed
     */
    public Optional<MasterKeys> keysToVerifyWith(RepositoryName repository, boolean verify) {
        Optional<RepositoryEntry> signed = entry(repository).filter(entry -> entry.getMasterKeys() != null);
        if (verify) {
            return signed.map(RepositoryEntry::getMasterKeys).map(pem -> masterKeys(pem, repository));
        }
        if (signed.isPresent() && !signed.get().isAllowUnverified()) {
            throw new InvalidInputException(
                    ("verify: false is not allowed for %s, which has master keys. Remove it from the pipeline,"
                                    + " or ask an administrator to set \"Let pipelines announce it without verification\" for the"
                                    + " repository under Manage Jenkins > System, section CVMFS notifications")
                            .formatted(repository));
        }
        return Optional.empty();
    }

    private static MasterKeys masterKeys(String pem, RepositoryName repository) {
        try {
            return MasterKeys.parse(pem);
        } catch (InvalidInputException e) {
            throw new InvalidInputException(
                    "the master keys of %s under Manage Jenkins > System are malformed: %s"
                            .formatted(repository, e.getMessage()),
                    e);
        }
    }

    private Optional<RepositoryEntry> entry(RepositoryName repository) {
        return only("repository", repositories, RepositoryEntry::getName, repository.value());
    }

    private RepositoryEntry known(RepositoryName repository) {
        return entry(repository)
                .orElseThrow(() ->
                        unknown("no repository", repository.value(), names(repositories, RepositoryEntry::getName)));
    }

    private String allowed(String url) {
        if (!urlsInPipelines) {
            throw new InvalidInputException(
                    "URLs in pipelines are not allowed on this Jenkins: name a server, repository or"
                            + " replica that is configured under Manage Jenkins > System, or ask an administrator to allow URLs");
        }
        return url;
    }

    /**
     * An http or https URL and nothing else: a path would be one of this Jenkins' own file system.
     *
     * @throws InvalidInputException if it is something else
     */
    public static RepositoryLocation.Web webLocation(String url) {
        if (isUrl(url) && RepositoryLocation.parse(url) instanceof RepositoryLocation.Web web) {
            return web;
        }
        throw new InvalidInputException("'%s' is not an http or https URL".formatted(Excerpt.of(url)));
    }

    /** Names must not look like URLs, which are told apart by their colon and slashes. */
    static String serverName(String name) {
        if (name.isBlank() || isUrl(name)) {
            throw new InvalidInputException("the name must not be blank and must not be a URL");
        }
        return name.trim();
    }

    /** As the library restricts them, and not like a URL. */
    static String replicaName(String name) {
        return new Replica(serverName(name), "any").name();
    }

    private static boolean isUrl(String text) {
        return text.contains("://");
    }

    /** The entry of that name. Of two it would be a matter of luck which one is meant, and whose token is sent. */
    private static <T> Optional<T> only(String what, List<T> entries, Function<T, String> name, String wanted) {
        List<T> found = entries.stream()
                .filter(entry -> name.apply(entry).equals(wanted))
                .toList();
        if (found.size() > 1) {
            throw new InvalidInputException("%s '%s' is configured %d times under Manage Jenkins > System"
                    .formatted(what, Excerpt.of(wanted), found.size()));
        }
        return found.stream().findFirst();
    }

    private static <T> String names(List<T> entries, Function<T, String> name) {
        return entries.isEmpty()
                ? "none"
                : String.join(", ", entries.stream().map(name).toList());
    }

    private static InvalidInputException unknown(String what, String name, String known) {
        return new InvalidInputException("%s '%s' is configured under Manage Jenkins > System; configured: %s"
                .formatted(what, Excerpt.of(name), known));
    }
}
