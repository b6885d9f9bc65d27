package io.jenkins.plugins.cvmfs.notify.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
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
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the servers, repositories and replicas that a pipeline names. Every method reads only the entries it is asked for, so
 * that a mistake in one does not affect the others. Immutable.
 *
 * <p>A pipeline's author is not trusted with addresses: a URL in a pipeline is refused unless an administrator allows it, and a
 * token is sent only to the server that an administrator configured it for.
 *
 * @param servers as configured
 * @param repositories as configured
 * @param urlsInPipelines true if a pipeline may give URLs
 */
public record ConfiguredSites(List<ServerEntry> servers, List<RepositoryEntry> repositories, boolean urlsInPipelines) {

    /** The name of the stratum 0 in a list of replicas. */
    public static final String STRATUM_0 = "stratum0";

    /** Copies the lists. */
    public ConfiguredSites {
        servers = List.copyOf(servers);
        repositories = List.copyOf(repositories);
    }

    /**
     * Returns the server to use for a repository.
     *
     * @param wanted a name, or a URL where that is allowed; null for the repository's server, else the only one
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
     * Returns the server with this name, or at this URL where that is allowed.
     *
     * @throws InvalidInputException if there is no such server
     */
    public ServerSettings server(String wanted) {
        return isUrl(wanted) ? new ServerSettings(allowed(wanted), wanted, Transport.AUTO, null) : named(wanted);
    }

    private ServerSettings named(String name) {
        return find("notification server", "", servers, ServerEntry::getName, name)
                .settings();
    }

    /**
     * Returns the server to announce a repository at. At a configured server only configured repositories are announced: which
     * are announced with its token, and from this Jenkins, is the administrator's decision. A server that a pipeline gives by
     * URL gets no token.
     *
     * @param wanted a name, or a URL where that is allowed; null for the repository's server, else the only one
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
                    ("repository %s is not configured, and only configured repositories are announced at notification"
                                    + " server '%s': ask an administrator to add the repository under Manage Jenkins > System,"
                                    + " section CVMFS notifications; configured: %s")
                            .formatted(repository, server, names(repositories, RepositoryEntry::getName)));
        }
        return server;
    }

    /**
     * Returns the repositories whose waits use this server unless a pipeline chooses another. Entries with a mistake are left
     * out; the form shows what is wrong with them.
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
                // Left out.
            }
        }
        return found;
    }

    /**
     * Returns where the repository is published.
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
     * Returns where to read the whitelist and the certificate that a manifest in a workspace is verified with: the stratum 0, or
     * the first replica if no stratum 0 is configured. Both files are signed, so any copy is good enough.
     *
     * @throws InvalidInputException if the repository is not configured, or with neither
     */
    public RepositoryLocation trustFiles(RepositoryName repository) {
        RepositoryEntry entry = known(repository);
        String stratum0 = entry.getStratum0();
        if (stratum0 != null) {
            return webLocation(stratum0);
        }
        if (entry.getReplicas().isEmpty()) {
            throw new InvalidInputException(
                    ("the manifest of %s cannot be verified: its certificate and whitelist are read from the"
                                    + " stratum 0, else from the first replica, and neither is configured under Manage Jenkins > System")
                            .formatted(repository));
        }
        return entry.getReplicas().get(0).location();
    }

    /**
     * Returns the location of a repository whose URL a pipeline gives.
     *
     * @throws InvalidInputException if URLs are not allowed, or this is not an http or https URL
     */
    public RepositoryLocation.Web given(String url) {
        return webLocation(allowed(url));
    }

    /**
     * Returns the replicas to watch.
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
                : all.stream().map(ReplicaEntry::replica).toList();
    }

    /**
     * Returns where a new revision of the repository appears first: the stratum 0, or all replicas if it is not configured.
     *
     * @throws InvalidInputException if the repository is not configured, or with neither
     */
    public List<Replica> publishedAt(RepositoryName repository) {
        return known(repository).getStratum0() == null
                ? replicas(repository, List.of())
                : List.of(replica(STRATUM_0, stratum0(repository)));
    }

    private Replica replica(RepositoryName repository, String wanted) {
        if (isUrl(wanted)) {
            RepositoryLocation.Web location = given(wanted);
            return replica(location.toString(), location);
        }
        List<ReplicaEntry> all = known(repository).getReplicas();
        if (wanted.equals(STRATUM_0)
                && all.stream().noneMatch(entry -> entry.getName().equals(wanted))) {
            return replica(STRATUM_0, stratum0(repository));
        }
        return find("replica", " of " + repository, all, ReplicaEntry::getName, wanted)
                .replica();
    }

    private static Replica replica(String name, RepositoryLocation.Web location) {
        return new Replica(name, location.toString());
    }

    /**
     * Returns the keys to verify a manifest of the repository with. May block while it looks up credentials. Empty if it is announced without verification: if it has no
     * keys or is not configured, or if the pipeline asks for that and an administrator allows it.
     *
     * @param verify false if the pipeline asks for no verification
     * @throws NotifyException if that is not allowed, the keys are malformed, or their credentials cannot be read
     */
    public Optional<MasterKeys> keysToVerifyWith(RepositoryName repository, boolean verify) {
        checkVerification(repository, verify);
        return verify ? entry(repository).flatMap(entry -> keys(entry, repository)) : Optional.empty();
    }

    /**
     * Checks what can be checked of that without looking up credentials.
     *
     * @throws InvalidInputException if a pipeline may not switch verification off, or the keys in the configuration are malformed
     */
    public void checkVerification(RepositoryName repository, boolean verify) {
        Optional<RepositoryEntry> signed = entry(repository).filter(RepositoryEntry::isVerified);
        if (verify) {
            signed.map(RepositoryEntry::getMasterKeys)
                    .ifPresent(pem -> wellFormed(() -> MasterKeys.parse(pem), repository));
        } else if (signed.isPresent() && !signed.get().isAllowUnverified()) {
            throw new InvalidInputException(
                    ("verify: false is not allowed for %s, which has master keys. Remove it from the pipeline,"
                                    + " or ask an administrator to set \"Let pipelines announce it without verification\" for the"
                                    + " repository under Manage Jenkins > System, section CVMFS notifications")
                            .formatted(repository));
        }
    }

    private static Optional<MasterKeys> keys(RepositoryEntry entry, RepositoryName repository) {
        return wellFormed(entry::keys, repository);
    }

    private static <T> T wellFormed(Supplier<T> keys, RepositoryName repository) {
        try {
            return keys.get();
        } catch (InvalidInputException e) {
            throw new InvalidInputException(
                    "the master keys of %s under Manage Jenkins > System are malformed: %s"
                            .formatted(repository, e.getMessage()),
                    e);
        }
    }

    private RepositoryEntry known(RepositoryName repository) {
        return find("repository", "", repositories, RepositoryEntry::getName, repository.value());
    }

    private Optional<RepositoryEntry> entry(RepositoryName repository) {
        return only("repository", repositories, RepositoryEntry::getName, repository.value());
    }

    /**
     * The entry with this name.
     *
     * @param of what it belongs to, for the message
     * @throws InvalidInputException if there is none, or more than one
     */
    private static <T> T find(String what, String of, List<T> entries, Function<T, String> name, String wanted) {
        return only(what, entries, name, wanted)
                .orElseThrow(() -> new InvalidInputException(
                        "no %s%s '%s' is configured under Manage Jenkins > System; configured: %s"
                                .formatted(what, of, Excerpt.of(wanted), names(entries, name))));
    }

    /** Refuses two entries with one name: it would be a matter of luck which is meant, and whose token is sent. */
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
        return entries.isEmpty() ? "none" : entries.stream().map(name).collect(Collectors.joining(", "));
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
     * Reads an http or https URL. Anything else could be a path in this Jenkins' own file system.
     *
     * @throws InvalidInputException if it is something else
     */
    public static RepositoryLocation.Web webLocation(String url) {
        if (isUrl(url) && RepositoryLocation.parse(url) instanceof RepositoryLocation.Web web) {
            return web;
        }
        throw new InvalidInputException("'%s' is not an http or https URL".formatted(Excerpt.of(url)));
    }

    /** Names must not look like URLs, because pipelines may give either. */
    static String serverName(String name) {
        if (name.isBlank() || isUrl(name)) {
            throw new InvalidInputException("the name must not be blank and must not be a URL");
        }
        return name.trim();
    }

    /** A name that is not like a URL, and that the client library accepts. */
    static String replicaName(String name) {
        return new Replica(serverName(name), "any").name();
    }

    private static boolean isUrl(String text) {
        return text.contains("://");
    }
}
