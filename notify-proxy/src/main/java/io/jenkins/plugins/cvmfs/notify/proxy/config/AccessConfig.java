package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;

/**
 * Rights to publish and subscribe, and the verification of signatures.
 *
 * @param anonymousPublish what may be published without any credentials
 * @param anonymousSubscribe who may subscribe without any credentials
 * @param tokens bearer tokens
 * @param gatewayKeys keys of the repository gateway
 * @param certificates TLS client certificates
 * @param networks ranges of addresses
 * @param identities jobs of CI systems, whose issuers sign their tokens
 * @param repositories how messages of which repositories are verified
 * @param trust the files and limits of verification
 * @param localTokenFile the file with the {@linkplain LocalToken local token}
 */
public record AccessConfig(
        AnonymousPublish anonymousPublish,
        AnonymousSubscribe anonymousSubscribe,
        List<TokenConfig> tokens,
        List<GatewayKeyConfig> gatewayKeys,
        List<CertificateConfig> certificates,
        List<NetworkConfig> networks,
        List<IdentityConfig> identities,
        List<RepositoryConfig> repositories,
        Trust trust,
        Optional<Path> localTokenFile) {

    /** Copies the lists. */
    public AccessConfig {
        tokens = List.copyOf(tokens);
        gatewayKeys = List.copyOf(gatewayKeys);
        certificates = List.copyOf(certificates);
        networks = List.copyOf(networks);
        identities = List.copyOf(identities);
        repositories = List.copyOf(repositories);
    }

    static AccessConfig from(ConfigValues values) {
        return new AccessConfig(
                values.get(ConfigKey.ANONYMOUS_PUBLISH),
                values.get(ConfigKey.ANONYMOUS_SUBSCRIBE),
                values.get(ConfigKey.TOKENS),
                values.get(ConfigKey.GATEWAY_KEYS),
                values.get(ConfigKey.CERTIFICATES),
                values.get(ConfigKey.NETWORKS),
                values.get(ConfigKey.IDENTITIES),
                values.get(ConfigKey.REPOSITORIES),
                new Trust(
                        values.get(ConfigKey.MASTER_KEYS),
                        values.get(ConfigKey.BLACKLIST),
                        values.get(ConfigKey.CA_FILE),
                        values.get(ConfigKey.FETCH_TIMEOUT),
                        values.get(ConfigKey.MAX_FETCHES),
                        values.get(ConfigKey.WHITELIST_REFRESH)),
                values.get(ConfigKey.LOCAL_TOKEN_FILE));
    }

    /** Returns the entry of a repository: the one with its exact name, else the first pattern that matches; empty if there is none. */
    public Optional<RepositoryConfig> repository(RepositoryName name) {
        return RepositoryPattern.best(repositories, RepositoryConfig::name, name);
    }

    /** Returns the same with further bearer tokens. */
    public AccessConfig withTokens(List<TokenConfig> further) {
        return new AccessConfig(
                anonymousPublish,
                anonymousSubscribe,
                Stream.concat(tokens.stream(), further.stream()).toList(),
                gatewayKeys,
                certificates,
                networks,
                identities,
                repositories,
                trust,
                localTokenFile);
    }

    /** The right to publish without credentials. */
    public enum AnonymousPublish {
        /** Everything, by everyone who reaches the port, as with the original service. */
        EVERYONE,
        /** Allows what {@link #LOOPBACK} or {@link #VERIFIED} allows. */
        LOOPBACK_OR_VERIFIED,
        /** Everything from this machine, or through a forwarder on it. */
        LOOPBACK,
        /** Messages with a verified signature, from anywhere. */
        VERIFIED,
        /** Nothing. */
        NOBODY;

        /** Returns whether a program on this machine needs no credentials. */
        public boolean allowsLoopback() {
            return this == EVERYONE || trustsLoopback();
        }

        /** Returns whether a forwarder on this machine, such as a tunnel, lends the right to everyone who reaches it. */
        public boolean trustsLoopback() {
            return this == LOOPBACK_OR_VERIFIED || this == LOOPBACK;
        }

        /** Returns whether a verified signature is enough. */
        public boolean allowsVerified() {
            return this == EVERYONE || this == LOOPBACK_OR_VERIFIED || this == VERIFIED;
        }

        /** Returns the value as the configuration file has it. */
        public String text() {
            return ValueType.nameOf(this);
        }
    }

    /** The right to subscribe without credentials. */
    public enum AnonymousSubscribe {
        /** Everyone who reaches the port, as with the original service. */
        EVERYONE,
        /** Programs on this machine. */
        LOOPBACK,
        /** No client. */
        NOBODY
    }

    /**
     * The rights of one holder.
     *
     * @param publish the repositories whose revisions they may announce
     * @param subscribe the repositories that they may subscribe to
     * @param forget the repositories whose last value they may delete
     * @param refresh the repositories whose manifest they may have read and announced
     */
    public record Grants(
            List<RepositoryPattern> publish,
            List<RepositoryPattern> subscribe,
            List<RepositoryPattern> forget,
            List<RepositoryPattern> refresh) {

        private static final List<RepositoryPattern> ANY = List.of(new RepositoryPattern("*"));

        /** Nothing. */
        public static final Grants NONE = new Grants(List.of(), List.of());

        /** Everything. */
        public static final Grants ALL = new Grants(ANY, ANY, ANY, ANY);

        /** Copies the lists. */
        public Grants {
            publish = List.copyOf(publish);
            subscribe = List.copyOf(subscribe);
            forget = List.copyOf(forget);
            refresh = List.copyOf(refresh);
        }

        /** Grants without {@code forget} and {@code refresh}. */
        public Grants(List<RepositoryPattern> publish, List<RepositoryPattern> subscribe) {
            this(publish, subscribe, List.of(), List.of());
        }

        static Grants from(ConfigValues entry) {
            return new Grants(
                    entry.get(ConfigKey.PUBLISH),
                    entry.get(ConfigKey.SUBSCRIBE),
                    entry.get(ConfigKey.FORGET),
                    entry.get(ConfigKey.REFRESH));
        }

        public boolean mayForget(RepositoryName repository) {
            return matches(forget, repository);
        }

        public boolean mayRefresh(RepositoryName repository) {
            return matches(refresh, repository);
        }

        /** Returns whether they may do nothing but refresh, so that no more is lost with a URL that holds the token. */
        public boolean refreshOnly() {
            return publish.isEmpty() && subscribe.isEmpty() && forget.isEmpty();
        }

        /** Returns whether they may announce revisions of any repository. */
        public boolean mayPublishSome() {
            return !publish.isEmpty();
        }

        public boolean mayPublish(RepositoryName repository) {
            return matches(publish, repository);
        }

        public boolean maySubscribe(RepositoryName repository) {
            return matches(subscribe, repository);
        }

        private static boolean matches(List<RepositoryPattern> patterns, RepositoryName repository) {
            return patterns.stream().anyMatch(pattern -> pattern.matches(repository));
        }
    }

    /**
     * A bearer token.
     *
     * @param name its owner, for the log
     * @param hash of the token, which itself is nowhere in the configuration
     * @param grants what its bearer may do
     */
    public record TokenConfig(String name, TokenHash hash, Grants grants) {

        static TokenConfig from(ConfigValues entry) {
            return new TokenConfig(entry.get(ConfigKey.NAME), entry.get(ConfigKey.HASH), Grants.from(entry));
        }
    }

    /**
     * A key of the repository gateway, with which its publishers sign what they announce.
     *
     * @param file holds the line {@code plain_text ID SECRET}, as {@code /etc/cvmfs/keys/NAME.gw}
     * @param grants what its holder may do
     */
    public record GatewayKeyConfig(Path file, Grants grants) {

        private static final String SUFFIX = ".gw";

        /** Without {@code publish} the key is for the repository after which its file is named. */
        static GatewayKeyConfig from(ConfigValues entry) {
            Path file = entry.get(ConfigKey.KEY_FILE)
                    .orElseThrow(() -> new InvalidInputException("file: is empty; expected a file such as NAME.gw"));
            List<RepositoryPattern> publish = entry.get(ConfigKey.PUBLISH);
            return new GatewayKeyConfig(file, new Grants(publish.isEmpty() ? named(file) : publish, List.of()));
        }

        private static List<RepositoryPattern> named(Path file) {
            String name = String.valueOf(file.getFileName());
            if (!name.endsWith(SUFFIX) || name.length() == SUFFIX.length()) {
                throw new InvalidInputException(
                        "publish: is not given, and %s is not called NAME.gw after a repository".formatted(file));
            }
            return List.of(new RepositoryPattern(name.substring(0, name.length() - SUFFIX.length())));
        }
    }

    /**
     * Clients that show a certain TLS certificate. Its issuer has been verified by the TLS handshake.
     *
     * @param subject the certificate's subject; empty to match by alternative name
     * @param alternativeName a DNS name, mail address, URI or IP address among its subject alternative names; empty to match by subject
     * @param grants what they may do
     */
    public record CertificateConfig(Optional<X500Principal> subject, Optional<String> alternativeName, Grants grants) {

        /** @throws InvalidInputException unless exactly one of subject and alternative name is given */
        public CertificateConfig {
            if (subject.isPresent() == alternativeName.isPresent()) {
                throw new InvalidInputException("needs one of the keys subject and alternative_name, not both");
            }
        }

        static CertificateConfig from(ConfigValues entry) {
            return new CertificateConfig(
                    Optional.of(entry.get(ConfigKey.SUBJECT))
                            .filter(text -> !text.isEmpty())
                            .map(CertificateConfig::principal),
                    Optional.of(entry.get(ConfigKey.ALTERNATIVE_NAME)).filter(text -> !text.isEmpty()),
                    Grants.from(entry));
        }

        private static X500Principal principal(String subject) {
            try {
                return new X500Principal(subject);
            } catch (IllegalArgumentException e) {
                throw new InvalidInputException(
                        "subject: '%s' is not a name such as CN=publisher,O=Example".formatted(Excerpt.of(subject)), e);
            }
        }
    }

    /**
     * Clients in certain networks.
     *
     * @param addresses the networks
     * @param grants what they may do
     */
    public record NetworkConfig(List<AddressRange> addresses, Grants grants) {

        /** Copies the list. */
        public NetworkConfig {
            addresses = List.copyOf(addresses);
        }

        static NetworkConfig from(ConfigValues entry) {
            return new NetworkConfig(entry.get(ConfigKey.ADDRESSES), Grants.from(entry));
        }

        public boolean contains(InetAddress address) {
            return addresses.stream().anyMatch(range -> range.contains(address));
        }
    }

    /**
     * Jobs of a CI system whose tokens carry certain claims (OpenID Connect).
     *
     * @param name of the issuer, for the log
     * @param issuer signs the tokens, and serves its keys; exactly as in their claim {@code iss}
     * @param audience whom the tokens must be for; one of these is enough
     * @param claims for each claim the patterns of which its value must match one; every claim must
     * @param caFile PEM file with the authorities that may sign the issuer's certificate; empty means the JVM's
     * @param grants what the jobs may do
     */
    public record IdentityConfig(
            String name,
            URI issuer,
            List<String> audience,
            Map<String, List<String>> claims,
            Optional<Path> caFile,
            Grants grants) {

        private static final Pattern LOOPBACK =
                Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|\\[::1]", Pattern.CASE_INSENSITIVE);

        /** Issuers that sign tokens for everyone who has an account there. */
        private static final Set<String> PUBLIC_ISSUERS =
                Set.of("https://token.actions.githubusercontent.com", "https://gitlab.com");

        /** The claims of theirs that tell whose job it is. */
        private static final List<String> OWNERS = List.of(
                "repository",
                "repository_owner",
                "repository_id",
                "repository_owner_id",
                "project_path",
                "project_id",
                "namespace_path",
                "namespace_id",
                "sub");

        /** @throws InvalidInputException if it would let in more jobs than meant, or none */
        public IdentityConfig {
            audience = List.copyOf(audience);
            claims = Collections.unmodifiableMap(new LinkedHashMap<>(claims));
            if (audience.isEmpty()) {
                throw new InvalidInputException("audience: is empty; expected what jobs ask their token for");
            }
            if (claims.values().stream().noneMatch(IdentityConfig::isCondition)) {
                throw new InvalidInputException(
                        "claims: have no condition, so that every job of the issuer would have the right; name a claim such as repository, project_path or sub");
            }
            if (PUBLIC_ISSUERS.contains(withoutSlash(issuer))
                    && claims.entrySet().stream()
                            .noneMatch(claim -> OWNERS.contains(claim.getKey()) && namesOwner(claim.getValue()))) {
                throw new InvalidInputException(
                        "claims: everyone can have a job of this issuer; one of %s must be exact, or have an owner and / before its first *"
                                .formatted(String.join(", ", OWNERS)));
            }
            if (grants.publish().isEmpty() && grants.refresh().isEmpty()) {
                throw new InvalidInputException("needs one of the keys publish and refresh");
            }
        }

        static IdentityConfig from(ConfigValues entry) {
            return new IdentityConfig(
                    entry.get(ConfigKey.NAME),
                    entry.get(ConfigKey.ISSUER),
                    entry.get(ConfigKey.AUDIENCE),
                    entry.get(ConfigKey.CLAIMS),
                    entry.get(ConfigKey.ISSUER_CA_FILE),
                    Grants.from(entry));
        }

        /** @throws InvalidInputException unless it is an https URL, or an http URL of this machine */
        static URI issuer(String text) {
            URI issuer;
            try {
                issuer = new URI(text);
            } catch (URISyntaxException e) {
                throw new InvalidInputException("'%s' is not a URL".formatted(Excerpt.of(text)), e);
            }
            if (!isSafe(issuer) || issuer.getRawQuery() != null || issuer.getRawFragment() != null) {
                throw new InvalidInputException(
                        "'%s' is not an https URL without a query (http only at a loopback address)"
                                .formatted(Excerpt.of(text)));
            }
            return issuer;
        }

        /** Returns true if what is read there is protected on its way: by TLS, or because it does not leave this machine. */
        public static boolean isSafe(URI url) {
            String host = url.getHost();
            return host != null
                    && url.getRawUserInfo() == null
                    && ("https".equalsIgnoreCase(url.getScheme())
                            || ("http".equalsIgnoreCase(url.getScheme())
                                    && LOOPBACK.matcher(host).matches()));
        }

        private static String withoutSlash(URI issuer) {
            String text = issuer.toString();
            return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        }

        private static boolean isCondition(List<String> patterns) {
            return !patterns.isEmpty() && patterns.stream().noneMatch(pattern -> pattern.matches("\\*+"));
        }

        private static boolean namesOwner(List<String> patterns) {
            return isCondition(patterns)
                    && patterns.stream().allMatch(pattern -> {
                        int star = pattern.indexOf('*');
                        return star < 0 || pattern.substring(0, star).contains("/");
                    });
        }

        /** Returns where the issuer describes itself (OpenID Connect Discovery 1.0). */
        public URI discovery() {
            return URI.create(withoutSlash(issuer) + "/.well-known/openid-configuration");
        }

        /** Returns true if one of the values of a claim matches one of the patterns for it; {@code *} stands for any characters. */
        public boolean allows(String claim, List<String> values) {
            return claims.getOrDefault(claim, List.of()).stream()
                    .anyMatch(pattern -> values.stream().anyMatch(value -> RepositoryPattern.matches(pattern, value)));
        }
    }

    /**
     * The files and limits of verification: master keys, blacklist, whitelists and certificates.
     *
     * @param masterKeys files, and directories of which the {@code *.pub} files count, for repositories that name none themselves
     * @param blacklist what is revoked; a missing file revokes nothing
     * @param caFile PEM file with the authorities that may sign the certificate of a stratum 0; empty means the JVM's
     * @param fetchTimeout for one file from a stratum 0
     * @param maxFetches files fetched at a time
     * @param whitelistRefresh the age at which a whitelist is fetched again
     */
    public record Trust(
            List<Path> masterKeys,
            Optional<Path> blacklist,
            Optional<Path> caFile,
            Duration fetchTimeout,
            int maxFetches,
            Duration whitelistRefresh) {

        /** @throws InvalidInputException if a value is out of range, naming the key */
        public Trust {
            masterKeys = List.copyOf(masterKeys);
            ConfigKey.FETCH_TIMEOUT.require(fetchTimeout);
            ConfigKey.MAX_FETCHES.require(maxFetches);
            ConfigKey.WHITELIST_REFRESH.require(whitelistRefresh);
        }
    }
}
