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
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the servers, repositories and replicas that a pipeline names: in the job's folder, in those around it, and then among those of
 * Jenkins as a whole; the nearest one with the name counts. Every method reads only the entries it is asked for, so that a mistake in
 * one does not affect the others. Immutable.
 *
 * <p>A pipeline's author is not trusted with addresses: a URL in a pipeline is refused unless an administrator allows it, and a
 * token is sent only to the server that it is configured for. Nor is who configures a folder: its URLs may name only hosts that
 * administrators use or allow, its servers use its own credentials, and what it says of a repository is not announced at the servers
 * around it.
 */
public final class ConfiguredSites {

    /** The name of the stratum 0 in a list of replicas. */
    public static final String STRATUM_0 = "stratum0";

    /** The nearest first; Jenkins as a whole last. */
    private final List<SiteLevel> levels;

    private final boolean urlsInPipelines;
    private final List<String> hostsInFolders;

    /** The configuration of Jenkins as a whole, for jobs outside of folders. */
    public ConfiguredSites(List<ServerEntry> servers, List<RepositoryEntry> repositories, boolean urlsInPipelines) {
        this(List.of(new SiteLevel(null, servers, repositories)), urlsInPipelines, List.of());
    }

    /**
     * The configuration for the jobs of a folder.
     *
     * @param levels the nearest folder first, Jenkins as a whole last
     * @param urlsInPipelines true if a pipeline may give URLs
     * @param hostsInFolders names of hosts that folders may use besides those of Jenkins as a whole; {@code *.} before a name for
     *     all below it
     */
    ConfiguredSites(List<SiteLevel> levels, boolean urlsInPipelines, List<String> hostsInFolders) {
        this.levels = List.copyOf(levels);
        this.urlsInPipelines = urlsInPipelines;
        this.hostsInFolders = List.copyOf(hostsInFolders);
    }

    /** An entry, and where it was found. */
    private record Found<T>(SiteLevel level, T entry) {}

    /** Returns the servers of all places, the nearest first; with equal names only the first counts. */
    public List<ServerEntry> servers() {
        return levels.stream().map(SiteLevel::servers).flatMap(List::stream).toList();
    }

    /** Returns the names of the servers that can be named. */
    List<String> serverNames() {
        return servers().stream().map(ServerEntry::getName).distinct().toList();
    }

    /** Returns the repositories of all places, the nearest first; with equal names only the first counts. */
    public List<RepositoryEntry> repositories() {
        return levels.stream()
                .map(SiteLevel::repositories)
                .flatMap(List::stream)
                .toList();
    }

    /**
     * Returns the server to use for a repository.
     *
     * @param wanted a name, or a URL where that is allowed; null for the repository's server, else the only one of the nearest place
     *     that has any
     * @return empty if none is wanted and none is configured
     * @throws InvalidInputException if there is no such server, or several and none is chosen
     */
    public Optional<ServerSettings> server(@Nullable String wanted, RepositoryName repository) {
        if (wanted != null && isUrl(wanted)) {
            return Optional.of(server(wanted));
        }
        return entry(wanted, repository).map(this::settings);
    }

    private Optional<Found<ServerEntry>> entry(@Nullable String wanted, RepositoryName repository) {
        if (wanted != null) {
            return Optional.of(named(wanted));
        }
        Optional<String> preferred =
                repository(repository).map(found -> found.entry().getServer());
        if (preferred.isPresent()) {
            return preferred.map(this::named);
        }
        Optional<SiteLevel> nearest =
                levels.stream().filter(level -> !level.servers().isEmpty()).findFirst();
        nearest.filter(level -> level.servers().size() > 1).ifPresent(level -> {
            throw new InvalidInputException("several notification servers are configured (%s); choose one with server:"
                    .formatted(names(level.servers(), ServerEntry::getName)));
        });
        return nearest.map(level -> new Found<>(level, level.servers().get(0)));
    }

    /**
     * Returns the server with this name, or at this URL where that is allowed.
     *
     * @throws InvalidInputException if there is no such server
     */
    public ServerSettings server(String wanted) {
        return isUrl(wanted)
                ? new ServerSettings(allowed(wanted), wanted, Transport.AUTO, null)
                : settings(named(wanted));
    }

    private Found<ServerEntry> named(String name) {
        return nearest(level -> level.server(name))
                .orElseThrow(() -> missing("notification server", name, servers(), ServerEntry::getName));
    }

    private ServerSettings settings(Found<ServerEntry> found) {
        ServerSettings settings = found.entry().settings(found.level().folder());
        requireHost(found.level(), settings.url());
        return settings;
    }

    /**
     * Returns the server to announce a repository at. At a configured server only repositories are announced that are configured in
     * the same place or around it: which are announced with its token, and from this Jenkins, is the decision of who configured the
     * server. A server that a pipeline gives by URL gets no token.
     *
     * @param wanted a name, or a URL where that is allowed; null for the repository's server, else the only one of the nearest place
     *     that has any
     * @throws InvalidInputException if there is no such server, none at all, or several and none is chosen; if the server is
     *     configured and the repository is not
     */
    public ServerSettings announcer(@Nullable String wanted, RepositoryName repository) {
        if (wanted != null && isUrl(wanted)) {
            return server(wanted);
        }
        Found<ServerEntry> server = entry(wanted, repository)
                .orElseThrow(
                        () -> new InvalidInputException(
                                "no notification server is configured under Manage Jenkins > System, section CVMFS notifications"));
        Found<RepositoryEntry> found = repository(repository)
                .orElseThrow(() -> new InvalidInputException(
                        ("repository %s is not configured, and only configured repositories are announced at notification"
                                        + " server '%s': ask an administrator to add the repository under Manage Jenkins > System,"
                                        + " section CVMFS notifications; configured: %s")
                                .formatted(
                                        repository,
                                        server.entry().getName(),
                                        names(repositories(), RepositoryEntry::getName))));
        if (levels.indexOf(found.level()) < levels.indexOf(server.level())) {
            throw new InvalidInputException(
                    ("repository %s is configured %s, so it is not announced at notification server '%s', which is configured"
                                    + " %s: configure a server in the folder, or ask an administrator to configure the repository there")
                            .formatted(
                                    repository,
                                    found.level().place(),
                                    server.entry().getName(),
                                    server.level().place()));
        }
        return settings(server);
    }

    /**
     * Returns the repositories whose waits use this server unless a pipeline chooses another. Entries with a mistake are left
     * out; the form shows what is wrong with them.
     *
     * @param url as {@link ServerSettings#url()} gives it
     */
    List<RepositoryName> repositoriesAt(String url) {
        Set<RepositoryName> found = new LinkedHashSet<>();
        for (RepositoryEntry repository : repositories()) {
            try {
                RepositoryName name = new RepositoryName(repository.getName());
                server(null, name).filter(server -> server.url().equals(url)).ifPresent(server -> found.add(name));
            } catch (InvalidInputException e) {
                // Left out.
            }
        }
        return List.copyOf(found);
    }

    /**
     * Returns where the repository is published.
     *
     * @throws InvalidInputException if it is not configured, or without a stratum 0
     */
    public RepositoryLocation.Web stratum0(RepositoryName repository) {
        Found<RepositoryEntry> found = known(repository);
        String url = found.entry().getStratum0();
        if (url == null) {
            throw new InvalidInputException(
                    "repository %s is configured without the URL of its stratum 0".formatted(repository));
        }
        RepositoryLocation.Web location = webLocation(url);
        requireHost(found.level(), url);
        return location;
    }

    /**
     * Returns where to read the whitelist and the certificate that a manifest in a workspace is verified with: the stratum 0, or
     * the first replica if no stratum 0 is configured. Both files are signed, so any copy is good enough.
     *
     * @throws InvalidInputException if the repository is not configured, or with neither
     */
    public RepositoryLocation trustFiles(RepositoryName repository) {
        Found<RepositoryEntry> found = known(repository);
        if (found.entry().getStratum0() != null) {
            return stratum0(repository);
        }
        if (found.entry().getReplicas().isEmpty()) {
            throw new InvalidInputException(
                    ("the manifest of %s cannot be verified: its certificate and whitelist are read from the"
                                    + " stratum 0, else from the first replica, and neither is configured %s")
                            .formatted(repository, found.level().place()));
        }
        ReplicaEntry replica = found.entry().getReplicas().get(0);
        RepositoryLocation location = replica.location();
        requireHosts(found.level(), replica);
        return location;
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
     * Requires a repository to be configured.
     *
     * @throws InvalidInputException if it is not
     */
    public void requireConfigured(RepositoryName repository) {
        var unused = known(repository);
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
        Found<RepositoryEntry> found = known(repository);
        List<ReplicaEntry> all = found.entry().getReplicas();
        return all.isEmpty()
                ? List.of(replica(STRATUM_0, stratum0(repository)))
                : all.stream().map(entry -> replica(found.level(), entry)).toList();
    }

    /**
     * Returns where a new revision of the repository appears first: the stratum 0, or all replicas if it is not configured.
     *
     * @throws InvalidInputException if the repository is not configured, or with neither
     */
    public List<Replica> publishedAt(RepositoryName repository) {
        return known(repository).entry().getStratum0() == null
                ? replicas(repository, List.of())
                : List.of(replica(STRATUM_0, stratum0(repository)));
    }

    private Replica replica(RepositoryName repository, String wanted) {
        if (isUrl(wanted)) {
            RepositoryLocation.Web location = given(wanted);
            return replica(location.toString(), location);
        }
        Found<RepositoryEntry> found = known(repository);
        Optional<ReplicaEntry> entry = found.level().replica(found.entry(), wanted);
        if (entry.isEmpty() && wanted.equals(STRATUM_0)) {
            return replica(STRATUM_0, stratum0(repository));
        }
        return replica(
                found.level(),
                entry.orElseThrow(() -> missing(
                        "replica of " + repository, wanted, found.entry().getReplicas(), ReplicaEntry::getName)));
    }

    private Replica replica(SiteLevel level, ReplicaEntry entry) {
        Replica replica = entry.replica();
        requireHosts(level, entry);
        return replica;
    }

    private static Replica replica(String name, RepositoryLocation.Web location) {
        return new Replica(name, location.toString());
    }

    /**
     * Returns the keys to verify a manifest of the repository with. May block while it looks up credentials. Empty if it is announced
     * without verification: if it has no keys or is not configured, or if the pipeline asks for that and it is allowed where the
     * repository is configured.
     *
     * @param verify false if the pipeline asks for no verification
     * @throws NotifyException if that is not allowed, the keys are malformed, or their credentials cannot be read
     */
    public Optional<MasterKeys> keysToVerifyWith(RepositoryName repository, boolean verify) {
        checkVerification(repository, verify);
        return verify ? repository(repository).flatMap(found -> keys(found, repository)) : Optional.empty();
    }

    /**
     * Checks what can be checked of that without looking up credentials.
     *
     * @throws InvalidInputException if a pipeline may not switch verification off, or the keys in the configuration are malformed
     */
    public void checkVerification(RepositoryName repository, boolean verify) {
        Optional<Found<RepositoryEntry>> signed =
                repository(repository).filter(found -> found.entry().isVerified());
        if (verify) {
            signed.ifPresent(found -> {
                String pem = found.entry().getMasterKeys();
                if (pem != null) {
                    var unused = wellFormed(() -> MasterKeys.parse(pem), found, repository);
                }
            });
        } else if (signed.isPresent() && !signed.get().entry().isAllowUnverified()) {
            throw new InvalidInputException(
                    ("verify: false is not allowed for %s, which has master keys. Remove it from the pipeline,"
                                    + " or ask an administrator to set \"Let pipelines announce it without verification\" for the"
                                    + " repository %s, section CVMFS notifications")
                            .formatted(repository, signed.get().level().place()));
        }
    }

    private static Optional<MasterKeys> keys(Found<RepositoryEntry> found, RepositoryName repository) {
        return wellFormed(() -> found.entry().keys(found.level().folder()), found, repository);
    }

    private static <T> T wellFormed(Supplier<T> keys, Found<RepositoryEntry> found, RepositoryName repository) {
        try {
            return keys.get();
        } catch (InvalidInputException e) {
            throw new InvalidInputException(
                    "the master keys of %s %s are malformed: %s"
                            .formatted(repository, found.level().place(), e.getMessage()),
                    e);
        }
    }

    private Found<RepositoryEntry> known(RepositoryName repository) {
        return repository(repository)
                .orElseThrow(() -> missing("repository", repository.value(), repositories(), RepositoryEntry::getName));
    }

    private Optional<Found<RepositoryEntry>> repository(RepositoryName name) {
        return nearest(level -> level.repository(name));
    }

    private <T> Optional<Found<T>> nearest(Function<SiteLevel, Optional<T>> lookup) {
        for (SiteLevel level : levels) {
            Optional<T> found = lookup.apply(level);
            if (found.isPresent()) {
                return Optional.of(new Found<>(level, found.get()));
            }
        }
        return Optional.empty();
    }

    private <T> InvalidInputException missing(String what, String wanted, List<T> entries, Function<T, String> name) {
        return new InvalidInputException("no %s '%s' is configured %s; configured: %s"
                .formatted(
                        what,
                        Excerpt.of(wanted),
                        levels.stream().map(SiteLevel::place).collect(Collectors.joining(", ")),
                        names(entries, name)));
    }

    private void requireHosts(SiteLevel level, ReplicaEntry entry) {
        requireHost(level, entry.getUrl());
        String proxy = entry.getProxy();
        if (proxy != null) {
            requireHost(level, proxy);
        }
    }

    /**
     * Requires that a folder's URL leads where Jenkins may be sent by those who configure folders.
     *
     * @throws InvalidInputException if it does not
     */
    private void requireHost(SiteLevel level, String url) {
        if (level.folder() != null) {
            requireHostInFolders(url);
        }
    }

    /**
     * Requires that a URL may be used in folders: that its host is allowed there, or is used, with the same port, by Jenkins as a
     * whole; or that any URL may be used in pipelines.
     *
     * @throws InvalidInputException if it may not
     */
    void requireHostInFolders(String url) {
        if (urlsInPipelines) {
            return;
        }
        Optional<WebHost> host = WebHost.of(url);
        if (host.isEmpty() || !(isAllowed(host.get()) || ofJenkins().contains(host.get()))) {
            throw new InvalidInputException(
                    "host '%s' is not allowed in folders: ask an administrator to add it under Manage Jenkins > System,"
                                    .formatted(host.map(WebHost::name).orElse("?"))
                            + " section CVMFS notifications, \"Hosts that folders may use\"");
        }
    }

    private boolean isAllowed(WebHost host) {
        return hostsInFolders.stream().anyMatch(host::isIn);
    }

    /** The hosts that administrators have configured. */
    private Set<WebHost> ofJenkins() {
        SiteLevel whole = levels.get(levels.size() - 1);
        List<@Nullable String> urls = new ArrayList<>();
        whole.servers().forEach(server -> urls.add(server.getUrl()));
        for (RepositoryEntry repository : whole.repositories()) {
            urls.add(repository.getStratum0());
            for (ReplicaEntry replica : repository.getReplicas()) {
                urls.add(replica.getUrl());
                urls.add(replica.getProxy());
            }
        }
        return urls.stream()
                .flatMap(Stream::ofNullable)
                .map(WebHost::of)
                .flatMap(Optional::stream)
                .collect(Collectors.toSet());
    }

    /** A host and port that Jenkins may send requests to. */
    private record WebHost(String name, int port) {

        private static final Set<String> WITH_TLS = Set.of("https", "wss");

        static Optional<WebHost> of(String url) {
            try {
                URI uri = new URI(url.trim());
                String host = uri.getHost();
                String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
                int port = uri.getPort() != -1 ? uri.getPort() : WITH_TLS.contains(scheme) ? 443 : 80;
                return host == null ? Optional.empty() : Optional.of(new WebHost(host.toLowerCase(Locale.ROOT), port));
            } catch (URISyntaxException e) {
                return Optional.empty();
            }
        }

        /** @param allowed a name, or {@code *.} and the end of one */
        boolean isIn(String allowed) {
            String pattern = allowed.toLowerCase(Locale.ROOT);
            return pattern.startsWith("*.") ? name.endsWith(pattern.substring(1)) : name.equals(pattern);
        }
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
