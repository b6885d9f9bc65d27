package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.event.Level;

/**
 * Every key with its kind, bounds and default: the only place in the code where they stand. docs/configuration.md and
 * config.schema.json say the same to people and editors, and a test compares the three.
 */
final class ConfigKeys {

    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;
    private static final long GIB = 1024 * MIB;
    private static final long TIB = 1024 * GIB;

    static final ConfigKey<String> BIND = key("bind", ConfigTypes.ADDRESS, "0.0.0.0");
    static final ConfigKey<Integer> PORT = key("port", new WholeNumber(0, 65_535), ProxyConfig.DEFAULT_PORT);
    static final ConfigKey<Level> LOG_LEVEL = key("log_level", ConfigTypes.LOG_LEVEL, Level.INFO);
    static final ConfigKey<LogFormat> LOG_FORMAT = key("log_format", ConfigTypes.LOG_FORMAT, LogFormat.TEXT);
    static final ConfigKey<Boolean> STANDALONE = key("standalone", new Flag(), false);
    static final ConfigKey<Optional<Path>> STATE_DIR = key("state_dir", new FileName(), Optional.empty());

    static final ConfigKey<PageAccess> PAGE_ACCESS = key("page.access", ConfigTypes.PAGE_ACCESS, PageAccess.EVERYONE);
    static final ConfigKey<Optional<Path>> TLS_CERT_FILE = key("tls.cert_file", new FileName(), Optional.empty());
    static final ConfigKey<Optional<Path>> TLS_KEY_FILE = key("tls.key_file", new FileName(), Optional.empty());
    static final ConfigKey<Optional<Path>> TLS_CLIENT_CA_FILE =
            key("tls.client_ca_file", new FileName(), Optional.empty());
    static final ConfigKey<Duration> TLS_RELOAD_INTERVAL =
            key("tls.reload_interval", millis(10, 86_400_000), seconds(60));
    static final ConfigKey<TlsEngine> TLS_ENGINE = key("tls.engine", ConfigTypes.TLS_ENGINE, TlsEngine.AUTO);

    static final ConfigKey<List<AddressRange>> TRUSTED_PROXIES =
            key("http.trusted_proxies", new TextList<>(new Parsed<>(AddressRange::parse)), List.of());
    static final ConfigKey<Boolean> PROXY_PROTOCOL = key("http.proxy_protocol", new Flag(), false);
    static final ConfigKey<List<String>> ALLOWED_ORIGINS =
            key("http.allowed_origins", new TextList<>(ConfigTypes.ORIGIN), List.of());
    static final ConfigKey<List<String>> HOST_NAMES =
            key("http.host_names", new TextList<>(ConfigTypes.HOST_NAME), List.of());

    static final ConfigKey<String> AMQP_URL = key("amqp.url", ConfigTypes.HOSTS, "localhost");
    static final ConfigKey<Integer> AMQP_PORT = key("amqp.port", new WholeNumber(1, 65_535), 5672);
    static final ConfigKey<String> AMQP_VHOST = key("amqp.vhost", ConfigTypes.AMQP_NAME, "/cvmfs");
    static final ConfigKey<String> AMQP_EXCHANGE = key("amqp.exchange", ConfigTypes.AMQP_NAME, "repository.activity");
    static final ConfigKey<String> AMQP_USER = key("amqp.user", ConfigTypes.AMQP_USER, "");
    static final ConfigKey<Secret> AMQP_PASS = key("amqp.pass", new SecretText(), new Secret(""));
    static final ConfigKey<Optional<Path>> AMQP_PASS_FILE = key("amqp.pass_file", new FileName(), Optional.empty());
    static final ConfigKey<Boolean> AMQP_TLS = key("amqp.tls", new Flag(), false);
    static final ConfigKey<Optional<Path>> AMQP_CA_FILE = key("amqp.ca_file", new FileName(), Optional.empty());
    static final ConfigKey<Optional<Path>> AMQP_CERT_FILE = key("amqp.cert_file", new FileName(), Optional.empty());
    static final ConfigKey<Optional<Path>> AMQP_KEY_FILE = key("amqp.key_file", new FileName(), Optional.empty());
    static final ConfigKey<Boolean> AMQP_VERIFY_HOSTNAME = key("amqp.verify_hostname", new Flag(), true);
    static final ConfigKey<StreamUse> AMQP_STREAM = key("amqp.stream", ConfigTypes.STREAM_USE, StreamUse.AUTO);
    static final ConfigKey<String> AMQP_STREAM_NAME =
            key("amqp.stream_name", ConfigTypes.AMQP_NAME, "cvmfs-notify.activity");
    static final ConfigKey<Long> AMQP_STREAM_MAX_BYTES = key("amqp.stream_max_bytes", new ByteSize(MIB, TIB), GIB);
    static final ConfigKey<Duration> AMQP_CONFIRM_TIMEOUT =
            key("amqp.confirm_timeout", millis(100, 300_000), seconds(10));
    static final ConfigKey<Duration> AMQP_HEARTBEAT = key("amqp.heartbeat", millis(1_000, 3_600_000), seconds(10));
    static final ConfigKey<Duration> AMQP_MAX_RECONNECT_DELAY =
            key("amqp.max_reconnect_delay", millis(10, 600_000), seconds(10));

    static final ConfigKey<Integer> MAX_CONNECTIONS = limit("max_connections", new WholeNumber(1, 10_000_000), 100_000);
    static final ConfigKey<Integer> MAX_SUBSCRIPTIONS =
            limit("max_subscriptions_per_connection", new WholeNumber(1, 100_000), 1_000);
    static final ConfigKey<Integer> MAX_REPOSITORIES = limit("max_repositories", new WholeNumber(1, 1_000_000), 10_000);
    static final ConfigKey<Long> MAX_LAST_VALUE_BYTES =
            limit("max_last_value_bytes", new ByteSize(128 * KIB, GIB), 64 * MIB);
    static final ConfigKey<Integer> MAX_ANONYMOUS_NAMES =
            limit("max_anonymous_names", new WholeNumber(0, 1_000_000), 1_000);
    static final ConfigKey<Integer> MAX_ANONYMOUS_NAMES_PER_ADDRESS =
            limit("max_anonymous_names_per_address", new WholeNumber(0, 1_000_000), 100);
    static final ConfigKey<Long> MAX_MESSAGE_BYTES =
            limit("max_message_bytes", new ByteSize(KIB, ActivityMessage.MAX_BYTES), (long) ActivityMessage.MAX_BYTES);
    static final ConfigKey<Integer> MAX_PENDING_PUBLISHES =
            limit("max_pending_publishes", new WholeNumber(1, 1_000_000), 10_000);
    static final ConfigKey<Long> MAX_HEADER_BYTES = limit("max_header_bytes", new ByteSize(KIB, MIB), 8 * KIB);
    static final ConfigKey<Long> BACKLOG_BYTES = limit("backlog_bytes", new ByteSize(KIB, 64 * MIB), 64 * KIB);
    static final ConfigKey<Integer> MAX_CONNECTIONS_PER_ADDRESS =
            limit("max_connections_per_address", new WholeNumber(1, 10_000_000), 10_000);
    static final ConfigKey<Integer> PUBLISHES_PER_PUBLISHER =
            limit("publishes_per_second_per_publisher", new WholeNumber(0, 1_000_000), 1_000);
    static final ConfigKey<Integer> PUBLISHES_PER_REPOSITORY =
            limit("publishes_per_second_per_repository", new WholeNumber(0, 1_000_000), 1_000);
    static final ConfigKey<Long> MAX_BACKLOG_BYTES = limit("max_backlog_bytes", new ByteSize(KIB, TIB), 256 * MIB);
    static final ConfigKey<Long> MAX_PENDING_BYTES = limit("max_pending_bytes", new ByteSize(128 * KIB, TIB), 64 * MIB);
    static final ConfigKey<Duration> REQUEST_TIMEOUT = limit("request_timeout", millis(10, 600_000), seconds(30));
    static final ConfigKey<Duration> HANDSHAKE_TIMEOUT = limit("handshake_timeout", millis(10, 600_000), seconds(10));
    static final ConfigKey<Duration> IDLE_TIMEOUT = limit("idle_timeout", millis(10, 86_400_000), seconds(120));
    static final ConfigKey<Duration> PING_INTERVAL = limit("ping_interval", millis(10, 86_400_000), seconds(30));
    static final ConfigKey<Duration> STALLED_TIMEOUT = limit("stalled_timeout", millis(10, 86_400_000), seconds(120));
    static final ConfigKey<Duration> DRAIN_TIMEOUT = limit("drain_timeout", millis(0, 600_000), seconds(10));

    /** All of them, in the order in which they are shown. */
    static final List<ConfigKey<?>> ALL = all(
            AccessKeys.ALL,
            BIND,
            PORT,
            LOG_LEVEL,
            LOG_FORMAT,
            STANDALONE,
            STATE_DIR,
            PAGE_ACCESS,
            TLS_CERT_FILE,
            TLS_KEY_FILE,
            TLS_CLIENT_CA_FILE,
            TLS_RELOAD_INTERVAL,
            TLS_ENGINE,
            TRUSTED_PROXIES,
            PROXY_PROTOCOL,
            ALLOWED_ORIGINS,
            HOST_NAMES,
            AMQP_URL,
            AMQP_PORT,
            AMQP_VHOST,
            AMQP_EXCHANGE,
            AMQP_USER,
            AMQP_PASS,
            AMQP_PASS_FILE,
            AMQP_TLS,
            AMQP_CA_FILE,
            AMQP_CERT_FILE,
            AMQP_KEY_FILE,
            AMQP_VERIFY_HOSTNAME,
            AMQP_STREAM,
            AMQP_STREAM_NAME,
            AMQP_STREAM_MAX_BYTES,
            AMQP_CONFIRM_TIMEOUT,
            AMQP_HEARTBEAT,
            AMQP_MAX_RECONNECT_DELAY,
            MAX_CONNECTIONS,
            MAX_SUBSCRIPTIONS,
            MAX_REPOSITORIES,
            MAX_LAST_VALUE_BYTES,
            MAX_ANONYMOUS_NAMES,
            MAX_ANONYMOUS_NAMES_PER_ADDRESS,
            MAX_MESSAGE_BYTES,
            MAX_PENDING_PUBLISHES,
            MAX_HEADER_BYTES,
            BACKLOG_BYTES,
            MAX_CONNECTIONS_PER_ADDRESS,
            PUBLISHES_PER_PUBLISHER,
            PUBLISHES_PER_REPOSITORY,
            MAX_BACKLOG_BYTES,
            MAX_PENDING_BYTES,
            REQUEST_TIMEOUT,
            HANDSHAKE_TIMEOUT,
            IDLE_TIMEOUT,
            PING_INTERVAL,
            STALLED_TIMEOUT,
            DRAIN_TIMEOUT);

    static final Map<String, ConfigKey<?>> BY_PATH = byPath();

    /** The keys that the original service's file has. */
    static final Set<String> ORIGINAL = Stream.of(
                    PORT, LOG_LEVEL, AMQP_URL, AMQP_PORT, AMQP_VHOST, AMQP_EXCHANGE, AMQP_USER, AMQP_PASS)
            .map(ConfigKey::path)
            .collect(Collectors.toUnmodifiableSet());

    /** The keys that hold an object with further keys. */
    static final Set<String> SECTIONS = ALL.stream()
            .map(ConfigKey::path)
            .filter(path -> path.contains("."))
            .map(path -> path.substring(0, path.indexOf('.')))
            .collect(Collectors.toUnmodifiableSet());

    private ConfigKeys() {}

    /** Those of this class, then those that have a class of their own. */
    private static List<ConfigKey<?>> all(List<ConfigKey<?>> others, ConfigKey<?>... own) {
        return Stream.concat(Arrays.stream(own), others.stream()).toList();
    }

    private static <T> ConfigKey<T> key(String path, ValueType<T> type, T fallback) {
        return new ConfigKey<>(path, type, fallback);
    }

    private static <T> ConfigKey<T> limit(String name, ValueType<T> type, T fallback) {
        return key("limits." + name, type, fallback);
    }

    private static TimeSpan millis(long min, long max) {
        return new TimeSpan(Duration.ofMillis(min), Duration.ofMillis(max));
    }

    private static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds);
    }

    private static Map<String, ConfigKey<?>> byPath() {
        Map<String, ConfigKey<?>> keys = new LinkedHashMap<>();
        ALL.forEach(key -> keys.put(key.path(), key));
        return keys;
    }
}
