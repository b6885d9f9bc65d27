package io.jenkins.plugins.cvmfs.notify.proxy.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who may publish and subscribe, and whose signatures are believed.
 *
 * @param anonymousPublish what may be published without any credentials
 * @param anonymousSubscribe who may subscribe without any credentials
 * @param tokens bearer tokens
 * @param gatewayKeys keys of the repository gateway
 * @param certificates TLS client certificates
 * @param networks ranges of addresses
 * @param repositories how messages of which repositories are verified
 * @param trust how what is needed to verify is had
 * @param localTokenFileOrNull holds the token that lets whoever may read it do everything; null for none
 */
public record AccessConfig(
        AnonymousPublish anonymousPublish,
        AnonymousSubscribe anonymousSubscribe,
        List<TokenConfig> tokens,
        List<GatewayKeyConfig> gatewayKeys,
        List<CertificateConfig> certificates,
        List<NetworkConfig> networks,
        List<RepositoryConfig> repositories,
        Trust trust,
        @Nullable Path localTokenFileOrNull) {

    /** What may be published without any credentials. */
    public enum AnonymousPublish {
        /** Everything, by everyone who reaches the port, as with the original service. */
        EVERYONE,
        /** Everything from this machine, or from whoever reaches a forwarder on it; from elsewhere what carries a signature that was verified. */
        LOOPBACK_OR_VERIFIED,
        /** Everything from this machine, or from whoever reaches a forwarder on it. */
        LOOPBACK,
        /** What carries a signature that was verified, from anywhere. */
        VERIFIED,
        /** Nothing. */
        NOBODY;

        /** Whether a program on this machine needs no credentials. */
        public boolean allowsLoopback() {
            return this == EVERYONE || this == LOOPBACK_OR_VERIFIED || this == LOOPBACK;
        }

        /** Whether a forwarder on this machine, such as a tunnel, lends the right to whoever reaches it. */
        public boolean trustsLoopback() {
            return this == LOOPBACK_OR_VERIFIED || this == LOOPBACK;
        }

        /** As the configuration file has it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** Whether a verified signature is enough. */
        public boolean allowsVerified() {
            return this == EVERYONE || this == LOOPBACK_OR_VERIFIED || this == VERIFIED;
        }
    }

    /** Who may subscribe without any credentials. */
    public enum AnonymousSubscribe {
        /** Everyone who reaches the port, as with the original service. */
        EVERYONE,
        /** Programs on this machine. */
        LOOPBACK,
        /** Nobody. */
        NOBODY
    }

    /**
     * How master keys, blacklist, whitelists and certificates are had.
     *
     * @param masterKeys files, and folders of which the {@code *.pub} files are meant, for repositories that name none themselves
     * @param blacklistOrNull what is revoked; a file that is not there revokes nothing
     * @param caFileOrNull PEM file with the authorities that may sign the certificate of a stratum 0; null means the JVM's
     * @param fetchTimeout for one file from a stratum 0
     * @param maxFetches files fetched at a time
     * @param whitelistRefresh how old a whitelist may be before it is fetched again
     */
    public record Trust(
            List<Path> masterKeys,
            @Nullable Path blacklistOrNull,
            @Nullable Path caFileOrNull,
            Duration fetchTimeout,
            int maxFetches,
            Duration whitelistRefresh) {

        /** @throws io.jenkins.plugins.cvmfs.notify.client.InvalidInputException if a value is out of range, naming the key */
        public Trust {
            masterKeys = List.copyOf(masterKeys);
            AccessKeys.FETCH_TIMEOUT.require(fetchTimeout);
            AccessKeys.MAX_FETCHES.require(maxFetches);
            AccessKeys.WHITELIST_REFRESH.require(whitelistRefresh);
        }

        /** What is revoked. */
        public Optional<Path> blacklist() {
            return Optional.ofNullable(blacklistOrNull);
        }

        /** The authorities that may sign the certificate of a stratum 0; empty means the JVM's. */
        public Optional<Path> caFile() {
            return Optional.ofNullable(caFileOrNull);
        }
    }

    /** Copies the lists. */
    public AccessConfig {
        tokens = List.copyOf(tokens);
        gatewayKeys = List.copyOf(gatewayKeys);
        certificates = List.copyOf(certificates);
        networks = List.copyOf(networks);
        repositories = List.copyOf(repositories);
    }

    /** Without a local token. */
    public AccessConfig(
            AnonymousPublish anonymousPublish,
            AnonymousSubscribe anonymousSubscribe,
            List<TokenConfig> tokens,
            List<GatewayKeyConfig> gatewayKeys,
            List<CertificateConfig> certificates,
            List<NetworkConfig> networks,
            List<RepositoryConfig> repositories,
            Trust trust) {
        this(
                anonymousPublish,
                anonymousSubscribe,
                tokens,
                gatewayKeys,
                certificates,
                networks,
                repositories,
                trust,
                null);
    }

    /** Nobody has credentials, and no repository is verified. */
    public static AccessConfig defaults() {
        return from(new Layers());
    }

    static AccessConfig from(Layers layers) {
        return new AccessConfig(
                layers.get(AccessKeys.ANONYMOUS_PUBLISH),
                layers.get(AccessKeys.ANONYMOUS_SUBSCRIBE),
                layers.get(AccessKeys.TOKENS),
                layers.get(AccessKeys.GATEWAY_KEYS),
                layers.get(AccessKeys.CERTIFICATES),
                layers.get(AccessKeys.NETWORKS),
                layers.get(AccessKeys.REPOSITORIES),
                new Trust(
                        layers.get(AccessKeys.MASTER_KEYS),
                        layers.get(AccessKeys.BLACKLIST).orElse(null),
                        layers.get(AccessKeys.CA_FILE).orElse(null),
                        layers.get(AccessKeys.FETCH_TIMEOUT),
                        layers.get(AccessKeys.MAX_FETCHES),
                        layers.get(AccessKeys.WHITELIST_REFRESH)),
                layers.get(AccessKeys.LOCAL_TOKEN_FILE).orElse(null));
    }

    /** Holds the token that lets whoever may read it do everything. */
    public Optional<Path> localTokenFile() {
        return Optional.ofNullable(localTokenFileOrNull);
    }

    /** The same with other rules for who needs no credentials to publish. */
    public AccessConfig withAnonymousPublish(AnonymousPublish other) {
        return new AccessConfig(
                other,
                anonymousSubscribe,
                tokens,
                gatewayKeys,
                certificates,
                networks,
                repositories,
                trust,
                localTokenFileOrNull);
    }

    /** The same with further bearer tokens. */
    public AccessConfig withTokens(List<TokenConfig> further) {
        return new AccessConfig(
                anonymousPublish,
                anonymousSubscribe,
                Stream.concat(tokens.stream(), further.stream()).toList(),
                gatewayKeys,
                certificates,
                networks,
                repositories,
                trust,
                localTokenFileOrNull);
    }
}
