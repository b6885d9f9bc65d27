package io.jenkins.plugins.cvmfs.notify.proxy.config;

import static io.jenkins.plugins.cvmfs.notify.proxy.config.ValueType.list;
import static io.jenkins.plugins.cvmfs.notify.proxy.config.ValueType.parsed;
import static io.jenkins.plugins.cvmfs.notify.proxy.config.ValueType.text;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.HttpCache;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings.Protocol;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousSubscribe;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.CertificateConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.GatewayKeyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.IdentityConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.NetworkConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.TokenConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig.TlsEngine;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.LogFormat;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.PageAccess;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchedReplicas;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryConfig.Verify;
import io.jenkins.plugins.cvmfs.notify.proxy.config.UpstreamConfig.PublishUse;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * One key of the configuration; and all of them, with their bounds and defaults, which stand nowhere else in the code.
 * docs/configuration.md and config.schema.json describe the same for people and editors, and a test compares the three.
 *
 * @param path its name, below a section with a dot, such as {@code amqp.port}
 * @param type how its values are read, checked and shown
 * @param fallbackOrNull the value if none is given; null if one must be given
 */
record ConfigKey<T>(
        String path, ValueType<T> type, @Nullable T fallbackOrNull) {

    private static final String PREFIX = "CVMFS_NOTIFY_";

    /** The original service's names that do not follow from the key. */
    private static final Map<String, String> ORIGINAL_VARIABLES =
            Map.of("amqp.user", PREFIX + "AMQP_USERNAME", "amqp.pass", PREFIX + "AMQP_PASSWORD");

    private static final long KIB = 1L << 10;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final long TIB = 1L << 40;
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;

    /** Of AMQP; its short strings end at 255 bytes. */
    private static final ValueType<String> AMQP_NAME =
            text("\\p{Graph}{1,255}", "a name of 1 to 255 printable ASCII characters");

    /** SLF4J's levels, and the names that the original service (Erlang's lager) has for them. */
    private static final ValueType<Level> LEVELS = ValueType.choice(
            Map.ofEntries(
                    Map.entry("trace", Level.TRACE),
                    Map.entry("debug", Level.DEBUG),
                    Map.entry("info", Level.INFO),
                    Map.entry("notice", Level.INFO),
                    Map.entry("warn", Level.WARN),
                    Map.entry("warning", Level.WARN),
                    Map.entry("error", Level.ERROR),
                    Map.entry("critical", Level.ERROR),
                    Map.entry("alert", Level.ERROR),
                    Map.entry("emergency", Level.ERROR)),
            List.of("trace", "debug", "info", "warn", "error"));

    /** Filled by the constants below, in the order in which they are shown. */
    private static final Map<String, ConfigKey<?>> REGISTERED = new LinkedHashMap<>();

    static final ConfigKey<String> BIND =
            key("bind", text("[0-9A-Za-z.:%_-]{1,255}", "an IP address or a host name"), "0.0.0.0");
    static final ConfigKey<Integer> PORT = number("port", 0, 65_535, ProxyConfig.DEFAULT_PORT);
    static final ConfigKey<Level> LOG_LEVEL = key("log_level", LEVELS, Level.INFO);
    static final ConfigKey<LogFormat> LOG_FORMAT = choice("log_format", LogFormat.TEXT);
    static final ConfigKey<Boolean> STANDALONE = flag("standalone", false);
    static final ConfigKey<Optional<Path>> STATE_DIR = file("state_dir");

    static final ConfigKey<PageAccess> PAGE_ACCESS = choice("page.access", PageAccess.EVERYONE);
    static final ConfigKey<Boolean> PAGE_BADGES = flag("page.badges", false);
    static final ConfigKey<List<NotificationServer>> PAGE_PEERS =
            key("page.peers", list(parsed(NotificationServer::parse)), List.of());

    static final ConfigKey<Optional<Path>> TLS_CERT_FILE = file("tls.cert_file");
    static final ConfigKey<Optional<Path>> TLS_KEY_FILE = file("tls.key_file");
    static final ConfigKey<Optional<Path>> TLS_CLIENT_CA_FILE = file("tls.client_ca_file");
    static final ConfigKey<Duration> TLS_RELOAD_INTERVAL = millis("tls.reload_interval", 10, 24 * HOUR, MINUTE);
    static final ConfigKey<TlsEngine> TLS_ENGINE = choice("tls.engine", TlsEngine.AUTO);

    static final ConfigKey<List<AddressRange>> TRUSTED_PROXIES =
            key("http.trusted_proxies", list(parsed(AddressRange::parse)), List.of());
    static final ConfigKey<Boolean> PROXY_PROTOCOL = flag("http.proxy_protocol", false);

    /** As browsers send it: no path, and no default port. */
    static final ConfigKey<List<String>> ALLOWED_ORIGINS = key(
            "http.allowed_origins",
            list(text(
                    "\\*|null|https?://[0-9a-z.:\\[\\]_-]{1,255}",
                    "an origin such as https://status.example.org (in lower case, without a path), or *")),
            List.of());

    static final ConfigKey<List<String>> HOST_NAMES = key(
            "http.host_names",
            list(text(
                    "\\*|(\\*\\.)?[0-9a-z_-][0-9a-z._-]{0,252}",
                    "a host name such as notify.example.org (in lower case, without a port), *.example.org or *")),
            List.of());

    /** A URL pasted here would otherwise become a strange host name. */
    static final ConfigKey<String> AMQP_URL = key(
            "amqp.url",
            text(
                    "[0-9A-Za-z.:_-]{1,255}(, *[0-9A-Za-z.:_-]{1,255})*",
                    "a host name or address, or several with commas between them (no scheme, no port)"),
            "localhost");

    static final ConfigKey<Integer> AMQP_PORT = number("amqp.port", 1, 65_535, 5672);
    static final ConfigKey<String> AMQP_VHOST = key("amqp.vhost", AMQP_NAME, "/cvmfs");
    static final ConfigKey<String> AMQP_EXCHANGE = key("amqp.exchange", AMQP_NAME, "repository.activity");
    static final ConfigKey<String> AMQP_USER =
            key("amqp.user", text("\\P{Cntrl}{0,255}", "a name of at most 255 printable characters"), "");
    static final ConfigKey<Secret> AMQP_PASS = key("amqp.pass", ValueType.secret(), new Secret(""));
    static final ConfigKey<Optional<Path>> AMQP_PASS_FILE = file("amqp.pass_file");
    static final ConfigKey<Boolean> AMQP_TLS = flag("amqp.tls", false);
    static final ConfigKey<Optional<Path>> AMQP_CA_FILE = file("amqp.ca_file");
    static final ConfigKey<Optional<Path>> AMQP_CERT_FILE = file("amqp.cert_file");
    static final ConfigKey<Optional<Path>> AMQP_KEY_FILE = file("amqp.key_file");
    static final ConfigKey<Boolean> AMQP_VERIFY_HOSTNAME = flag("amqp.verify_hostname", true);
    static final ConfigKey<StreamUse> AMQP_STREAM = choice("amqp.stream", StreamUse.AUTO);
    static final ConfigKey<String> AMQP_STREAM_NAME = key("amqp.stream_name", AMQP_NAME, "cvmfs-notify.activity");
    static final ConfigKey<Long> AMQP_STREAM_MAX_BYTES = size("amqp.stream_max_bytes", MIB, TIB, GIB);
    static final ConfigKey<Duration> AMQP_CONFIRM_TIMEOUT = millis("amqp.confirm_timeout", 100, 5 * MINUTE, 10_000);
    static final ConfigKey<Duration> AMQP_HEARTBEAT = millis("amqp.heartbeat", 1_000, HOUR, 10_000);
    static final ConfigKey<Duration> AMQP_MAX_RECONNECT_DELAY =
            millis("amqp.max_reconnect_delay", 10, 10 * MINUTE, 10_000);

    static final ConfigKey<Optional<NotificationServer>> UPSTREAM_URL =
            key("upstream.url", ValueType.optional(parsed(NotificationServer::parse)), Optional.empty());
    static final ConfigKey<Optional<Path>> UPSTREAM_TOKEN_FILE = file("upstream.token_file");
    static final ConfigKey<Optional<Path>> UPSTREAM_CA_FILE = file("upstream.ca_file");
    static final ConfigKey<Optional<Path>> UPSTREAM_CERT_FILE = file("upstream.cert_file");
    static final ConfigKey<Optional<Path>> UPSTREAM_KEY_FILE = file("upstream.key_file");
    static final ConfigKey<PublishUse> UPSTREAM_PUBLISH = choice("upstream.publish", PublishUse.AS_RELAY);
    static final ConfigKey<Protocol> UPSTREAM_PROTOCOL = choice("upstream.protocol", Protocol.AUTO);
    static final ConfigKey<Duration> UPSTREAM_PUBLISH_TIMEOUT =
            millis("upstream.publish_timeout", 100, 5 * MINUTE, 10_000);
    static final ConfigKey<Duration> UPSTREAM_MAX_RECONNECT_DELAY =
            millis("upstream.max_reconnect_delay", 1_000, 10 * MINUTE, 10_000);

    static final ConfigKey<Integer> MAX_CONNECTIONS = number("limits.max_connections", 1, 10_000_000, 100_000);
    static final ConfigKey<Integer> MAX_SUBSCRIPTIONS =
            number("limits.max_subscriptions_per_connection", 1, 100_000, 1_000);
    static final ConfigKey<Integer> MAX_REPOSITORIES = number("limits.max_repositories", 1, 1_000_000, 10_000);
    static final ConfigKey<Long> MAX_LAST_VALUE_BYTES = size("limits.max_last_value_bytes", 128 * KIB, GIB, 64 * MIB);
    static final ConfigKey<Integer> MAX_ANONYMOUS_NAMES = number("limits.max_anonymous_names", 0, 1_000_000, 1_000);
    static final ConfigKey<Integer> MAX_ANONYMOUS_NAMES_PER_ADDRESS =
            number("limits.max_anonymous_names_per_address", 0, 1_000_000, 100);
    static final ConfigKey<Long> MAX_MESSAGE_BYTES =
            size("limits.max_message_bytes", KIB, ActivityMessage.MAX_BYTES, ActivityMessage.MAX_BYTES);
    static final ConfigKey<Integer> MAX_PENDING_PUBLISHES =
            number("limits.max_pending_publishes", 1, 1_000_000, 10_000);
    static final ConfigKey<Long> MAX_HEADER_BYTES = size("limits.max_header_bytes", KIB, MIB, 8 * KIB);
    static final ConfigKey<Long> BACKLOG_BYTES = size("limits.backlog_bytes", KIB, 64 * MIB, 64 * KIB);
    static final ConfigKey<Integer> MAX_CONNECTIONS_PER_ADDRESS =
            number("limits.max_connections_per_address", 1, 10_000_000, 10_000);
    static final ConfigKey<Integer> PUBLISHES_PER_PUBLISHER =
            number("limits.publishes_per_second_per_publisher", 0, 1_000_000, 1_000);
    static final ConfigKey<Integer> PUBLISHES_PER_REPOSITORY =
            number("limits.publishes_per_second_per_repository", 0, 1_000_000, 1_000);
    static final ConfigKey<Long> MAX_BACKLOG_BYTES = size("limits.max_backlog_bytes", KIB, TIB, 256 * MIB);
    static final ConfigKey<Long> MAX_PENDING_BYTES = size("limits.max_pending_bytes", 128 * KIB, TIB, 64 * MIB);
    static final ConfigKey<Duration> REQUEST_TIMEOUT = millis("limits.request_timeout", 10, 10 * MINUTE, 30_000);
    static final ConfigKey<Duration> HANDSHAKE_TIMEOUT = millis("limits.handshake_timeout", 10, 10 * MINUTE, 10_000);
    static final ConfigKey<Duration> IDLE_TIMEOUT = millis("limits.idle_timeout", 10, 24 * HOUR, 2 * MINUTE);
    static final ConfigKey<Duration> PING_INTERVAL = millis("limits.ping_interval", 10, 24 * HOUR, 30_000);
    static final ConfigKey<Duration> STALLED_TIMEOUT = millis("limits.stalled_timeout", 10, 24 * HOUR, 2 * MINUTE);
    static final ConfigKey<Duration> DRAIN_TIMEOUT = millis("limits.drain_timeout", 0, 10 * MINUTE, 10_000);

    static final ConfigKey<Duration> REPLAY_DELAY = millis("delivery.replay_delay", 0, HOUR, 10_000);
    static final ConfigKey<Duration> REPEAT_AFTER = millis("delivery.repeat_after", 0, HOUR, 65_000);

    static final ConfigKey<AnonymousPublish> ANONYMOUS_PUBLISH =
            choice("access.anonymous_publish", AnonymousPublish.VERIFIED);
    static final ConfigKey<AnonymousSubscribe> ANONYMOUS_SUBSCRIBE =
            choice("access.anonymous_subscribe", AnonymousSubscribe.EVERYONE);

    /** Its default depends on the machine and the user: {@link LocalToken#place}. */
    static final ConfigKey<Optional<Path>> LOCAL_TOKEN_FILE = file("access.local_token_file");

    // The keys of the objects in the lists are not registered.
    static final ConfigKey<String> NAME =
            required("name", text("\\P{Cntrl}{1,100}", "a name of 1 to 100 printable characters"));
    static final ConfigKey<TokenHash> HASH = required("hash", parsed(TokenHash::parse));
    static final ConfigKey<List<RepositoryPattern>> PUBLISH = patterns("publish");
    static final ConfigKey<List<RepositoryPattern>> SUBSCRIBE = patterns("subscribe");
    static final ConfigKey<List<RepositoryPattern>> FORGET = patterns("forget");
    static final ConfigKey<List<RepositoryPattern>> REFRESH = patterns("refresh");
    static final ConfigKey<Optional<Path>> KEY_FILE = required("file", ValueType.file());
    static final ConfigKey<String> SUBJECT =
            new ConfigKey<>("subject", text("\\P{Cntrl}{1,1000}", "a name such as CN=publisher,O=Example"), "");
    static final ConfigKey<String> ALTERNATIVE_NAME = new ConfigKey<>(
            "alternative_name", text("\\p{Graph}{1,255}", "a DNS name, mail address, URI or IP address"), "");
    static final ConfigKey<List<AddressRange>> ADDRESSES = required("addresses", list(parsed(AddressRange::parse)));
    static final ConfigKey<URI> ISSUER = required("issuer", parsed(IdentityConfig::issuer));
    static final ConfigKey<List<String>> AUDIENCE = required(
            "audience", list(text("\\p{Graph}{1,255}", "a name or a URL of 1 to 255 printable ASCII characters")));
    static final ConfigKey<Map<String, List<String>>> CLAIMS = required("claims", ValueType.conditions());
    static final ConfigKey<Optional<Path>> ISSUER_CA_FILE =
            new ConfigKey<>("ca_file", ValueType.file(), Optional.empty());
    static final ConfigKey<RepositoryPattern> REPOSITORY = required("name", parsed(RepositoryPattern::new));
    static final ConfigKey<Verify> VERIFY =
            new ConfigKey<>("verify", ValueType.choice(Verify.class), Verify.IF_KEY_KNOWN);
    static final ConfigKey<String> STRATUM_0 = new ConfigKey<>(
            "stratum0", text("\\p{Graph}{0,1000}", "a URL such as http://stratum0.example.org/cvmfs/@fqrn@"), "");
    static final ConfigKey<List<Path>> REPOSITORY_KEYS =
            new ConfigKey<>("master_keys", list(parsed(ValueType::path)), List.of());
    static final ConfigKey<Boolean> ALLOW_ROLLBACK = new ConfigKey<>("allow_rollback", ValueType.flag(), false);

    static final ConfigKey<Optional<Duration>> POLL = new ConfigKey<>(
            "poll",
            ValueType.optional(ValueType.duration(Duration.ofSeconds(1), Duration.ofHours(24))),
            Optional.empty());

    static final ConfigKey<List<TokenConfig>> TOKENS =
            objects("access.tokens", TokenConfig::from, NAME, HASH, PUBLISH, SUBSCRIBE, FORGET, REFRESH);
    static final ConfigKey<List<GatewayKeyConfig>> GATEWAY_KEYS =
            objects("access.gateway_keys", GatewayKeyConfig::from, KEY_FILE, PUBLISH);
    static final ConfigKey<List<CertificateConfig>> CERTIFICATES = objects(
            "access.certificates",
            CertificateConfig::from,
            SUBJECT,
            ALTERNATIVE_NAME,
            PUBLISH,
            SUBSCRIBE,
            FORGET,
            REFRESH);
    static final ConfigKey<List<NetworkConfig>> NETWORKS =
            objects("access.networks", NetworkConfig::from, ADDRESSES, PUBLISH, SUBSCRIBE, REFRESH);
    static final ConfigKey<List<IdentityConfig>> IDENTITIES = objects(
            "access.identities",
            IdentityConfig::from,
            NAME,
            ISSUER,
            AUDIENCE,
            CLAIMS,
            ISSUER_CA_FILE,
            PUBLISH,
            REFRESH);
    static final ConfigKey<List<Path>> MASTER_KEYS =
            key("access.master_keys", list(parsed(ValueType::path)), List.of(Path.of("/etc/cvmfs/keys")));
    static final ConfigKey<Optional<Path>> BLACKLIST =
            key("access.blacklist", ValueType.file(), Optional.of(Path.of("/etc/cvmfs/blacklist")));
    static final ConfigKey<Optional<Path>> CA_FILE = file("access.ca_file");
    static final ConfigKey<Duration> FETCH_TIMEOUT = millis("access.fetch_timeout", 10, 5 * MINUTE, 10_000);
    static final ConfigKey<Integer> MAX_FETCHES = number("access.max_fetches", 1, 1_000, 8);
    static final ConfigKey<Duration> WHITELIST_REFRESH =
            millis("access.whitelist_refresh", 1_000, 24 * HOUR, 5 * MINUTE);
    static final ConfigKey<List<RepositoryConfig>> REPOSITORIES = objects(
            "repositories",
            RepositoryConfig::from,
            REPOSITORY,
            VERIFY,
            STRATUM_0,
            REPOSITORY_KEYS,
            ALLOW_ROLLBACK,
            POLL);

    static final ConfigKey<List<String>> REPLICAS = required(
            "replicas", list(text("\\p{Graph}{1,1000}", "a URL such as http://stratum1.example.org/cvmfs/@fqrn@")));
    static final ConfigKey<List<HttpCache>> HOLD_CACHES =
            new ConfigKey<>("caches", list(parsed(HttpCache::parse)), List.of());
    static final ConfigKey<Requirement> HOLD_REQUIRE =
            new ConfigKey<>("require", ValueType.requirement(), Requirement.ALL);
    static final ConfigKey<Duration> HOLD_LONGEST = new ConfigKey<>(
            "longest", ValueType.duration(Duration.ofSeconds(1), Duration.ofHours(24)), Duration.ofMinutes(5));
    static final ConfigKey<List<HoldConfig>> HOLD =
            objects("hold", HoldConfig::from, REPOSITORY, REPLICAS, HOLD_CACHES, HOLD_REQUIRE, HOLD_LONGEST);

    static final ConfigKey<String> WEBHOOK_NAME = required(
            "name", text("[A-Za-z0-9_][A-Za-z0-9._-]{0,63}", "a name of 1 to 64 letters, digits, '_', '.' and '-'"));
    static final ConfigKey<URI> WEBHOOK_URL = required("url", parsed(WebhookConfig::url));
    static final ConfigKey<WebhookConfig.Event> WEBHOOK_EVENT =
            new ConfigKey<>("event", ValueType.choice(WebhookConfig.Event.class), WebhookConfig.Event.ANNOUNCED);
    static final ConfigKey<Optional<Requirement>> WEBHOOK_REQUIRE =
            new ConfigKey<>("require", ValueType.optional(ValueType.requirement()), Optional.empty());
    static final ConfigKey<List<RepositoryPattern>> WEBHOOK_REPOSITORIES =
            new ConfigKey<>("repositories", list(parsed(RepositoryPattern::new)), List.of(new RepositoryPattern("*")));
    static final ConfigKey<List<Path>> WEBHOOK_SECRETS =
            new ConfigKey<>("secret_files", list(parsed(ValueType::path)), List.of());
    static final ConfigKey<Optional<Path>> WEBHOOK_HEADERS =
            new ConfigKey<>("headers_file", ValueType.file(), Optional.empty());
    static final ConfigKey<WebhookConfig.Body> WEBHOOK_BODY =
            new ConfigKey<>("body", ValueType.choice(WebhookConfig.Body.class), WebhookConfig.Body.CLOUDEVENTS);
    static final ConfigKey<Duration> WEBHOOK_TIMEOUT = new ConfigKey<>(
            "timeout", ValueType.duration(Duration.ofMillis(100), Duration.ofMinutes(1)), Duration.ofSeconds(10));
    static final ConfigKey<Duration> WEBHOOK_GIVE_UP = new ConfigKey<>(
            "give_up_after", ValueType.duration(Duration.ofSeconds(1), Duration.ofHours(720)), Duration.ofHours(24));
    static final ConfigKey<Boolean> ALLOW_PRIVATE = new ConfigKey<>("allow_private", ValueType.flag(), false);
    static final ConfigKey<List<WebhookConfig>> WEBHOOKS = objects(
            "webhooks",
            WebhookConfig::from,
            WEBHOOK_NAME,
            WEBHOOK_URL,
            WEBHOOK_EVENT,
            WEBHOOK_REQUIRE,
            WEBHOOK_REPOSITORIES,
            WEBHOOK_SECRETS,
            WEBHOOK_HEADERS,
            WEBHOOK_BODY,
            WEBHOOK_TIMEOUT,
            WEBHOOK_GIVE_UP,
            ALLOW_PRIVATE);

    static final ConfigKey<Boolean> WATCH_HOLD = flag("watch.hold", true);
    static final ConfigKey<Duration> WATCH_INTERVAL = millis("watch.interval", 1_000, 24 * HOUR, 10 * MINUTE);
    static final ConfigKey<Integer> WATCH_MAX_REPLICAS = number("watch.max_replicas", 0, 1_000_000, 10_000);
    static final ConfigKey<List<WatchedReplicas>> WATCH_REPLICAS =
            objects("watch.replicas", WatchedReplicas::from, REPOSITORY, REPLICAS);

    /** All of them, in the order in which they are shown. */
    static final List<ConfigKey<?>> ALL = List.copyOf(REGISTERED.values());

    static final Map<String, ConfigKey<?>> BY_PATH = Collections.unmodifiableMap(REGISTERED);

    /** The keys that the original service's file has. */
    static final Set<String> ORIGINAL = Stream.of(
                    PORT, LOG_LEVEL, AMQP_URL, AMQP_PORT, AMQP_VHOST, AMQP_EXCHANGE, AMQP_USER, AMQP_PASS)
            .map(ConfigKey::path)
            .collect(Collectors.toUnmodifiableSet());

    /** The keys that a reload puts into effect; the others need a restart. */
    static final Set<String> RELOADED = Stream.of(
                    LOG_LEVEL,
                    TLS_CERT_FILE,
                    TLS_KEY_FILE,
                    TLS_CLIENT_CA_FILE,
                    ANONYMOUS_PUBLISH,
                    ANONYMOUS_SUBSCRIBE,
                    LOCAL_TOKEN_FILE,
                    TOKENS,
                    GATEWAY_KEYS,
                    CERTIFICATES,
                    UPSTREAM_TOKEN_FILE,
                    UPSTREAM_PUBLISH,
                    HOLD,
                    WEBHOOKS,
                    WATCH_HOLD,
                    WATCH_INTERVAL,
                    WATCH_MAX_REPLICAS,
                    WATCH_REPLICAS,
                    NETWORKS,
                    IDENTITIES,
                    MASTER_KEYS,
                    BLACKLIST,
                    WHITELIST_REFRESH,
                    REPOSITORIES)
            .map(ConfigKey::path)
            .collect(Collectors.toUnmodifiableSet());

    /** The keys that hold an object with further keys. */
    static final Set<String> SECTIONS = ALL.stream()
            .map(ConfigKey::path)
            .filter(path -> path.contains("."))
            .map(path -> path.substring(0, path.indexOf('.')))
            .collect(Collectors.toUnmodifiableSet());

    private static <T> ConfigKey<T> key(String path, ValueType<T> type, T fallback) {
        ConfigKey<T> key = new ConfigKey<>(path, type, fallback);
        REGISTERED.put(path, key);
        return key;
    }

    private static ConfigKey<Integer> number(String path, int min, int max, int fallback) {
        return key(path, ValueType.number(min, max), fallback);
    }

    private static ConfigKey<Duration> millis(String path, long min, long max, long fallback) {
        return key(
                path, ValueType.duration(Duration.ofMillis(min), Duration.ofMillis(max)), Duration.ofMillis(fallback));
    }

    private static ConfigKey<Long> size(String path, long min, long max, long fallback) {
        return key(path, ValueType.size(min, max), fallback);
    }

    private static ConfigKey<Boolean> flag(String path, boolean fallback) {
        return key(path, ValueType.flag(), fallback);
    }

    private static ConfigKey<Optional<Path>> file(String path) {
        return key(path, ValueType.file(), Optional.empty());
    }

    private static <E extends Enum<E>> ConfigKey<E> choice(String path, E fallback) {
        return key(path, ValueType.choice(fallback.getDeclaringClass()), fallback);
    }

    private static <T> ConfigKey<List<T>> objects(String path, Function<ConfigValues, T> maker, ConfigKey<?>... keys) {
        return key(path, ValueType.objects(List.of(keys), maker), List.of());
    }

    private static <T> ConfigKey<T> required(String name, ValueType<T> type) {
        return new ConfigKey<>(name, type, null);
    }

    private static ConfigKey<List<RepositoryPattern>> patterns(String path) {
        return new ConfigKey<>(path, list(parsed(RepositoryPattern::new)), List.of());
    }

    boolean isRequired() {
        return fallbackOrNull == null;
    }

    /** Returns the value if none is given; not for required keys. */
    T fallback() {
        return Objects.requireNonNull(fallbackOrNull);
    }

    /** Returns the environment variable that sets it: {@code CVMFS_NOTIFY_AMQP_PORT} for {@code amqp.port}. */
    String variable() {
        return ORIGINAL_VARIABLES.getOrDefault(
                path, PREFIX + path.replace('.', '_').toUpperCase(Locale.ROOT));
    }

    /** @throws InvalidInputException if the value is out of range; the message names the key, the value and the limit */
    void require(T value) {
        try {
            type.checker().accept(value);
        } catch (InvalidInputException e) {
            throw new InvalidInputException(path + ": " + e.getMessage(), e);
        }
    }
}
