package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousSubscribe;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryConfig.Verify;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The keys below {@code access}, and {@code repositories}: part of {@link ConfigKeys}, which says what such keys are. */
final class AccessKeys {

    static final ConfigKey<AnonymousPublish> ANONYMOUS_PUBLISH = new ConfigKey<>(
            "access.anonymous_publish",
            new Choice<>(
                    Map.of(
                            "everyone", AnonymousPublish.EVERYONE,
                            "loopback-or-verified", AnonymousPublish.LOOPBACK_OR_VERIFIED,
                            "loopback", AnonymousPublish.LOOPBACK,
                            "verified", AnonymousPublish.VERIFIED,
                            "nobody", AnonymousPublish.NOBODY),
                    "one of everyone, loopback-or-verified, loopback, verified, nobody"),
            AnonymousPublish.VERIFIED);
    static final ConfigKey<AnonymousSubscribe> ANONYMOUS_SUBSCRIBE = new ConfigKey<>(
            "access.anonymous_subscribe",
            new Choice<>(
                    Map.of(
                            "everyone", AnonymousSubscribe.EVERYONE,
                            "loopback", AnonymousSubscribe.LOOPBACK,
                            "nobody", AnonymousSubscribe.NOBODY),
                    "one of everyone, loopback, nobody"),
            AnonymousSubscribe.EVERYONE);

    /** Where it is by default depends on the machine and the user: {@link LocalToken#place}. */
    static final ConfigKey<Optional<Path>> LOCAL_TOKEN_FILE =
            new ConfigKey<>("access.local_token_file", new FileName(), Optional.empty());

    /** Keys of the objects in the lists. */
    static final ConfigKey<String> NAME =
            new ConfigKey<>("name", PlainText.of("\\P{Cntrl}{1,100}", "a name of 1 to 100 printable characters"), "");

    /** Not shown when it is wrong: it may be the token itself. */
    static final ConfigKey<Optional<TokenHash>> HASH =
            new ConfigKey<>("hash", new Parsed<>(text -> Optional.of(TokenHash.parse(text))), Optional.empty());

    static final ConfigKey<List<RepositoryPattern>> PUBLISH = patterns("publish");
    static final ConfigKey<List<RepositoryPattern>> SUBSCRIBE = patterns("subscribe");
    static final ConfigKey<List<RepositoryPattern>> FORGET = patterns("forget");
    static final ConfigKey<Optional<Path>> FILE = new ConfigKey<>("file", new FileName(), Optional.empty());
    static final ConfigKey<String> SUBJECT =
            new ConfigKey<>("subject", PlainText.of("\\P{Cntrl}{1,1000}", "a name such as CN=publisher,O=Example"), "");
    static final ConfigKey<String> ALTERNATIVE_NAME = new ConfigKey<>(
            "alternative_name", PlainText.of("\\p{Graph}{1,255}", "a DNS name, mail address, URI or IP address"), "");
    static final ConfigKey<List<AddressRange>> ADDRESSES =
            new ConfigKey<>("addresses", new TextList<>(new Parsed<>(AddressRange::parse)), List.of());
    static final ConfigKey<String> REPOSITORY =
            new ConfigKey<>("name", PlainText.of("[A-Za-z0-9._*-]{1,62}", "a repository's name"), "");
    static final ConfigKey<Verify> VERIFY = new ConfigKey<>(
            "verify",
            new Choice<>(
                    Map.of("required", Verify.REQUIRED, "if-key-known", Verify.IF_KEY_KNOWN, "off", Verify.OFF),
                    "one of required, if-key-known, off"),
            Verify.IF_KEY_KNOWN);
    static final ConfigKey<String> STRATUM_0 = new ConfigKey<>(
            "stratum0",
            PlainText.of("\\p{Graph}{0,1000}", "a URL such as http://stratum0.example.org/cvmfs/@fqrn@"),
            "");
    static final ConfigKey<List<Path>> REPOSITORY_KEYS = paths("master_keys", List.of());
    static final ConfigKey<Boolean> ALLOW_ROLLBACK = new ConfigKey<>("allow_rollback", new Flag(), false);

    static final ConfigKey<List<TokenConfig>> TOKENS = list(
            "access.tokens",
            List.of(NAME, HASH, PUBLISH, SUBSCRIBE, FORGET),
            List.of("name", "hash"),
            TokenConfig::from);
    static final ConfigKey<List<GatewayKeyConfig>> GATEWAY_KEYS =
            list("access.gateway_keys", List.of(FILE, PUBLISH), List.of("file"), GatewayKeyConfig::from);
    static final ConfigKey<List<CertificateConfig>> CERTIFICATES = list(
            "access.certificates",
            List.of(SUBJECT, ALTERNATIVE_NAME, PUBLISH, SUBSCRIBE, FORGET),
            List.of(),
            CertificateConfig::from);
    static final ConfigKey<List<NetworkConfig>> NETWORKS =
            list("access.networks", List.of(ADDRESSES, PUBLISH, SUBSCRIBE), List.of("addresses"), NetworkConfig::from);
    static final ConfigKey<List<RepositoryConfig>> REPOSITORIES = list(
            "repositories",
            List.of(REPOSITORY, VERIFY, STRATUM_0, REPOSITORY_KEYS, ALLOW_ROLLBACK),
            List.of("name"),
            RepositoryConfig::from);

    static final ConfigKey<List<Path>> MASTER_KEYS = paths("access.master_keys", List.of(Path.of("/etc/cvmfs/keys")));
    static final ConfigKey<Optional<Path>> BLACKLIST =
            new ConfigKey<>("access.blacklist", new FileName(), Optional.of(Path.of("/etc/cvmfs/blacklist")));
    static final ConfigKey<Optional<Path>> CA_FILE =
            new ConfigKey<>("access.ca_file", new FileName(), Optional.empty());
    static final ConfigKey<Duration> FETCH_TIMEOUT = new ConfigKey<>(
            "access.fetch_timeout", new TimeSpan(Duration.ofMillis(10), Duration.ofMinutes(5)), Duration.ofSeconds(10));
    static final ConfigKey<Integer> MAX_FETCHES = new ConfigKey<>("access.max_fetches", new WholeNumber(1, 1_000), 8);
    static final ConfigKey<Duration> WHITELIST_REFRESH = new ConfigKey<>(
            "access.whitelist_refresh",
            new TimeSpan(Duration.ofSeconds(1), Duration.ofHours(24)),
            Duration.ofMinutes(5));

    /** All of them, in the order in which they are shown. */
    static final List<ConfigKey<?>> ALL = List.of(
            ANONYMOUS_PUBLISH,
            ANONYMOUS_SUBSCRIBE,
            LOCAL_TOKEN_FILE,
            TOKENS,
            GATEWAY_KEYS,
            CERTIFICATES,
            NETWORKS,
            MASTER_KEYS,
            BLACKLIST,
            CA_FILE,
            FETCH_TIMEOUT,
            MAX_FETCHES,
            WHITELIST_REFRESH,
            REPOSITORIES);

    private AccessKeys() {}

    static Grants grants(ListEntry entry) {
        return new Grants(entry.get(PUBLISH), entry.get(SUBSCRIBE), entry.get(FORGET));
    }

    private static ConfigKey<List<RepositoryPattern>> patterns(String path) {
        return new ConfigKey<>(path, new TextList<>(new Parsed<>(RepositoryPattern::new)), List.of());
    }

    private static ConfigKey<List<Path>> paths(String path, List<Path> fallback) {
        return new ConfigKey<>(path, new TextList<>(new Parsed<>(AccessKeys::path)), fallback);
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new InvalidInputException("'%s' is not the path of a file or folder".formatted(Excerpt.of(text)), e);
        }
    }

    private static <T> ConfigKey<List<T>> list(
            String path, List<ConfigKey<?>> keys, List<String> required, Function<ListEntry, T> entry) {
        return new ConfigKey<>(path, new ObjectList<>(keys, required, entry), List.of());
    }
}
