package io.jenkins.plugins.cvmfs.notify.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings.Protocol;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousSubscribe;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Trust;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.Assignment;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig.TlsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig.TlsEngine;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig.FairShareConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LoadedConfig.EffectiveSetting;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LoadedConfig.PublishPosture;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.LogFormat;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.PageAccess;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.UpstreamConfig.PublishUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.event.Level;

class ConfigLoaderTest {

    private static final Path NO_FILE = null;

    @TempDir
    Path folder;

    @Test
    void itTellsChangesThatAReloadPutsIntoEffectFromThoseThatNeedARestart() {
        LoadedConfig before = load(NO_FILE, Map.of("CVMFS_NOTIFY_AMQP_PASSWORD", "first"));
        LoadedConfig next = load(
                NO_FILE,
                Map.of(
                        "CVMFS_NOTIFY_AMQP_PASSWORD", "hunter2",
                        "CVMFS_NOTIFY_LOG_LEVEL", "debug",
                        "CVMFS_NOTIFY_UPSTREAM_PUBLISH", "refuse",
                        "CVMFS_NOTIFY_PORT", "1234"));

        assertThat(next.changesSince(before))
                .isEqualTo(new LoadedConfig.Changes(
                        List.of("log_level", "upstream.publish"), List.of("port", "amqp.pass")));
        assertThat(next.changesSince(next)).isEqualTo(new LoadedConfig.Changes(List.of(), List.of()));
        assertThat(next.toString()).doesNotContain("hunter2");
    }

    @Test
    void theDefaultsAreThoseOfTheOriginalService() {
        ProxyConfig config = load(NO_FILE, Map.of()).config();

        assertThat(config)
                .isEqualTo(new ProxyConfig(
                        "0.0.0.0",
                        4930,
                        Level.INFO,
                        false,
                        Optional.empty(),
                        TestConfigs.http(),
                        TestConfigs.amqp(),
                        Optional.empty(),
                        TestConfigs.limits(),
                        TestConfigs.delivery(),
                        TestConfigs.operator(),
                        TestConfigs.access()));
        assertThat(config.amqp().url()).isEqualTo("localhost");
        assertThat(config.amqp().port()).isEqualTo(5672);
        assertThat(config.amqp().vhost()).isEqualTo("/cvmfs");
        assertThat(config.amqp().exchange()).isEqualTo("repository.activity");
        assertThat(config.amqp().user()).isEmpty();
        assertThat(config.amqp().pass().isEmpty()).isTrue();
        assertThat(config.amqp().stream()).isEqualTo(StreamUse.AUTO);
    }

    @Test
    void everyKeyOfTheFileReachesTheRecords() throws IOException {
        ProxyConfig config =
                load(file(EVERY_KEY.formatted(secretFile("s3cret"))), Map.of()).config();

        assertThat(config)
                .isEqualTo(new ProxyConfig(
                        "192.0.2.7",
                        8000,
                        Level.DEBUG,
                        true,
                        Optional.of(Path.of("/var/lib/cvmfs-notify")),
                        new HttpConfig(
                                new TlsConfig(
                                        Optional.of(new KeyPairFiles(
                                                Path.of("/etc/server.pem"), Path.of("/etc/server.key"))),
                                        Optional.of(Path.of("/etc/clients.pem")),
                                        Duration.ofSeconds(7),
                                        TlsEngine.JDK),
                                List.of(AddressRange.parse("192.0.2.0/24"), AddressRange.parse("::1")),
                                true,
                                List.of("https://a.example.org", "http://b.example.org:8080"),
                                List.of("notify.example.org", "*.example.net")),
                        new AmqpConfig(
                                "mq1.example.org,mq2.example.org",
                                5673,
                                "/other",
                                "other.activity",
                                "worker",
                                new Secret("s3cret"),
                                true,
                                Optional.of(Path.of("/etc/ca.pem")),
                                Optional.of(new KeyPairFiles(Path.of("/etc/amqp.pem"), Path.of("/etc/amqp.key"))),
                                false,
                                StreamUse.REQUIRED,
                                "other.stream",
                                2L * 1024 * 1024 * 1024,
                                Duration.ofSeconds(3),
                                Duration.ofSeconds(4),
                                Duration.ofSeconds(5)),
                        Optional.empty(),
                        new LimitsConfig(
                                11,
                                12,
                                new RepositoryLimits(13, 36 * 1024 * 1024, 37, 38),
                                14 * 1024,
                                15,
                                16 * 1024,
                                17 * 1024,
                                new FairShareConfig(31, 32, 33, 34 * 1024, 35 * 1024 * 1024),
                                Duration.ofSeconds(18),
                                Duration.ofSeconds(8),
                                Duration.ofMinutes(19),
                                Duration.ofSeconds(20),
                                Duration.ofSeconds(21),
                                Duration.ZERO),
                        new DeliveryConfig(Duration.ofSeconds(41), Duration.ofSeconds(42), List.of(), List.of()),
                        new OperatorConfig(
                                LogFormat.JSON,
                                PageAccess.NOBODY,
                                true,
                                List.of(NotificationServer.parse("http://n2.example.org:4930")),
                                new WatchConfig(false, Duration.ofSeconds(51), 52, List.of())),
                        new AccessConfig(
                                AnonymousPublish.NOBODY,
                                AnonymousSubscribe.NOBODY,
                                List.of(),
                                List.of(),
                                List.of(),
                                List.of(),
                                List.of(),
                                List.of(),
                                new Trust(
                                        List.of(Path.of("/etc/keys/a.pub"), Path.of("/etc/keys/b")),
                                        Optional.of(Path.of("/etc/blacklist")),
                                        Optional.of(Path.of("/etc/stratum0.pem")),
                                        Duration.ofSeconds(22),
                                        23,
                                        Duration.ofMinutes(24)),
                                Optional.of(Path.of("/etc/local.token")))));
    }

    private static final String EVERY_KEY = """
            {"$schema": "config.schema.json", "bind": "192.0.2.7", "port": 8000, "log_level": "debug", "standalone": true,
             "state_dir": "/var/lib/cvmfs-notify", "log_format": "json", "page": {"access": "nobody", "badges": true, "peers": ["http://n2.example.org:4930"]},
             "tls": {"cert_file": "/etc/server.pem", "key_file": "/etc/server.key", "client_ca_file": "/etc/clients.pem",
                     "reload_interval": "7s", "engine": "jdk"},
             "http": {"trusted_proxies": ["192.0.2.0/24", "::1"], "proxy_protocol": true,
                      "allowed_origins": ["https://a.example.org", "http://b.example.org:8080"],
                      "host_names": ["notify.example.org", "*.example.net"]},
             "amqp": {"url": "mq1.example.org,mq2.example.org", "port": 5673, "vhost": "/other", "exchange": "other.activity",
                      "user": "worker", "pass_file": "%s", "tls": true, "ca_file": "/etc/ca.pem",
                      "cert_file": "/etc/amqp.pem", "key_file": "/etc/amqp.key",
                      "verify_hostname": false, "stream": "required", "stream_name": "other.stream",
                      "stream_max_bytes": "2GiB", "confirm_timeout": 3, "heartbeat": "4s", "max_reconnect_delay": "5s"},
             "limits": {"max_connections": 11, "max_subscriptions_per_connection": 12, "max_repositories": 13,
                        "max_last_value_bytes": "36MiB", "max_anonymous_names": 37, "max_anonymous_names_per_address": 38,
                        "max_message_bytes": "14KiB", "max_pending_publishes": 15, "max_header_bytes": "16KiB",
                        "backlog_bytes": 17408, "max_connections_per_address": 31,
                        "publishes_per_second_per_publisher": 32, "publishes_per_second_per_repository": 33,
                        "max_backlog_bytes": "34KiB", "max_pending_bytes": "35MiB", "request_timeout": "18s", "handshake_timeout": 8, "idle_timeout": "19m", "ping_interval": "20000ms",
                        "stalled_timeout": "21s", "drain_timeout": 0},
             "delivery": {"replay_delay": 41, "repeat_after": "42s"},
             "watch": {"hold": false, "interval": "51s", "max_replicas": 52},
             "access": {"anonymous_publish": "nobody", "anonymous_subscribe": "nobody", "local_token_file": "/etc/local.token",
                        "master_keys": ["/etc/keys/a.pub", "/etc/keys/b"], "blacklist": "/etc/blacklist",
                        "ca_file": "/etc/stratum0.pem", "fetch_timeout": 22, "max_fetches": 23, "whitelist_refresh": "24m"}}
            """;

    @Test
    void everyKeyCanBeSetByItsEnvironmentVariableAndOnTheCommandLine() throws IOException {
        // Given the value of every key but the secret ones from a file
        LoadedConfig fromFile = load(file(EVERY_KEY.formatted(secretFile("s3cret"))), Map.of());
        List<EffectiveSetting> settings = fromFile.settings().stream()
                .filter(setting -> !setting.path().equals("amqp.pass"))
                .filter(setting ->
                        ConfigKey.BY_PATH.get(setting.path()).type().keys().isEmpty())
                .toList();
        assertThat(settings).hasSize(ConfigKey.ALL.size() - 10);

        // When the same come from the environment, or from the command line
        Map<String, String> environment = settings.stream()
                .collect(java.util.stream.Collectors.toMap(
                        s -> ConfigKey.BY_PATH.get(s.path()).variable(), s -> String.valueOf(s.shown())));
        List<Assignment> options = settings.stream()
                .map(s -> new Assignment("--set", s.path(), String.valueOf(s.shown())))
                .toList();

        // Then the configuration is the same
        assertThat(load(NO_FILE, environment).config()).isEqualTo(fromFile.config());
        assertThat(load(NO_FILE, Map.of(), options).config()).isEqualTo(fromFile.config());
    }

    @Test
    void theOriginalServicesFileWorksUnchanged() throws IOException {
        Path original = file("""
                {
                    "port": 4930,
                    "log_level": "notice",
                    "amqp": {
                        "url": "localhost",
                        "exchange": "repository.activity",
                        "port": 5672,
                        "vhost": "/cvmfs"
                    }
                }
                """);

        ProxyConfig fromNoFile = load(NO_FILE, Map.of()).config();
        assertThat(load(original, Map.of()).config())
                .isEqualTo(fromNoFile.withAccess(TestConfigs.with(fromNoFile.access(), AnonymousPublish.EVERYONE)));
    }

    @Test
    void onlyAFileThatTheOriginalServiceCouldHaveReadLetsEveryonePublish() throws IOException {
        assertThat(anonymousPublish(NO_FILE)).isEqualTo(AnonymousPublish.VERIFIED);
        assertThat(anonymousPublish(file("{\"amqp\": {\"user\": \"u\", \"pass\": \"\"}}")))
                .isEqualTo(AnonymousPublish.EVERYONE);
        assertThat(anonymousPublish(file("{\"amqp\": {\"user\": \"u\", \"tls\": true}}")))
                .isEqualTo(AnonymousPublish.VERIFIED);
        assertThat(anonymousPublish(file("{\"port\": 4930, \"repositories\": []}")))
                .isEqualTo(AnonymousPublish.VERIFIED);
        assertThat(anonymousPublish(file("{\"port\": 4930, \"access\": {\"anonymous_publish\": \"nobody\"}}")))
                .isEqualTo(AnonymousPublish.NOBODY);
    }

    private static AnonymousPublish anonymousPublish(Path file) {
        return load(file, Map.of()).config().access().anonymousPublish();
    }

    @Test
    void whoMayPublishIsSaidWithTheKeyThatMadeTheDifference() throws IOException {
        Path file = file("{\"port\": 4930,\n \"amqp\": {\"user\": \"u\"}}");
        PublishPosture original = load(file, Map.of()).publishing();
        file(
                "{\"port\": 4930,\n \"amqp\": {\"user\": \"u\",\n  \"stream\": \"auto\"}, \"limits\": {\"drain_timeout\": 1}}");
        PublishPosture withOurs = load(file, Map.of()).publishing();
        file("{\"access\": {\"anonymous_publish\": \"loopback\"}}");
        PublishPosture loopback = load(file, Map.of()).publishing();
        PublishPosture noFile = load(NO_FILE, Map.of()).publishing();

        assertThat(original.isOpen()).isTrue();
        assertThat(original.text())
                .contains("without credentials: everyone who reaches the port")
                .contains("only keys of the original service", "set access.anonymous_publish");
        assertThat(withOurs.isOpen()).isFalse();
        assertThat(withOurs.text())
                .contains("without credentials: only what carries a verified signature")
                .contains("because amqp.stream (file " + file + ", line 3) is no key of the original service");
        assertThat(loopback.isOpen()).isTrue();
        assertThat(loopback.text()).contains("access.anonymous_publish is loopback (file " + file, "lends that right");
        assertThat(noFile.text()).contains("the default; to choose, set access.anonymous_publish");
    }

    @Test
    void theLocalTokenIsWhereTheEnvironmentPutsItUnlessTheFileSaysNone() throws IOException {
        Map<String, String> environment = Map.of("HOME", folder.toString());

        assertThat(load(NO_FILE, environment).config().access().localTokenFile())
                .contains(folder.resolve(".config/cvmfs-notify/local.token"));
        assertThat(load(file("{\"access\": {\"local_token_file\": \"\"}}"), environment)
                        .config()
                        .access()
                        .localTokenFile())
                .isEmpty();
    }

    @Test
    void laterSourcesWinKeyByKeyAndSaySo() throws IOException {
        Path file = file(
                "{\"port\": 1111, \"amqp\": {\"url\": \"from-file\", \"user\": \"from-file\", \"vhost\": \"/file\"}}");
        Map<String, String> environment = Map.of(
                "CVMFS_NOTIFY_PORT", "2222",
                "CVMFS_NOTIFY_AMQP_USERNAME", "from-environment",
                "CVMFS_NOTIFY_AMQP_PASSWORD", "secret-from-environment",
                "CVMFS_NOTIFY_AMQP_VHOST", "");

        LoadedConfig loaded = load(file, environment, List.of(new Assignment("--port", "port", "3333")));

        assertThat(loaded.config().port()).isEqualTo(3333);
        assertThat(loaded.config().amqp().url()).isEqualTo("from-file");
        assertThat(loaded.config().amqp().user()).isEqualTo("from-environment");
        assertThat(loaded.config().amqp().pass().value()).isEqualTo("secret-from-environment");
        assertThat(loaded.config().amqp().vhost())
                .as("an empty variable is not set")
                .isEqualTo("/file");
        assertThat(loaded.settings())
                .filteredOn(
                        s -> List.of("port", "amqp.url", "amqp.pass", "bind").contains(s.path()))
                .extracting(s -> s.path() + "=" + s.shown() + " " + s.origin())
                .containsExactly(
                        "bind=0.0.0.0 default",
                        "port=3333 command line, --port",
                        "amqp.url=from-file file " + file + ", line 1",
                        "amqp.pass=******** environment variable CVMFS_NOTIFY_AMQP_PASSWORD");
    }

    @Test
    void standaloneListensOnTheLoopbackUnlessToldOtherwise() {
        Assignment standalone = new Assignment("--standalone", "standalone", "true");

        assertThat(load(NO_FILE, Map.of(), List.of(standalone)).config().bind()).isEqualTo("127.0.0.1");
        assertThat(load(NO_FILE, Map.of("CVMFS_NOTIFY_BIND", "::"), List.of(standalone))
                        .config()
                        .bind())
                .isEqualTo("::");
    }

    @Test
    void tlsChangesTheDefaultPortOfTheBroker() {
        Map<String, String> tls = Map.of("CVMFS_NOTIFY_AMQP_TLS", "true");

        assertThat(load(NO_FILE, tls).config().amqp().port()).isEqualTo(5671);
    }

    @Test
    void aPasswordOfAStrongerSourceBeatsThePasswordFile() throws IOException {
        Path file = file("{\"amqp\": {\"pass_file\": \"/nowhere\"}}");

        LoadedConfig loaded = load(file, Map.of("CVMFS_NOTIFY_AMQP_PASSWORD", "direct"));

        assertThat(loaded.config().amqp().pass()).isEqualTo(new Secret("direct"));
    }

    @Test
    void aFileWithASecretThatEveryoneMayReadIsWarnedOf() throws IOException {
        Path file = file("{\"amqp\": {\"pass\": \"direct\"}}");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        List<String> open = load(file, Map.of()).warnings();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        List<String> closed = load(file, Map.of()).warnings();

        assertThat(open).singleElement().asString().contains(file.toString(), "every user may read");
        assertThat(closed).isEmpty();
    }

    @Test
    void morePolledRepositoriesThanThereIsRoomForAreWarnedOf() throws IOException {
        String entry = "{\"name\": \"%s.example.org\", \"stratum0\": \"/srv/@fqrn@\", \"poll\": \"1m\"}";
        Path file = file("{\"limits\": {\"max_repositories\": 1}, \"repositories\": [%s, %s]}"
                .formatted(entry.formatted("a"), entry.formatted("b")));

        assertThat(load(file, Map.of()).warnings())
                .containsExactly("repositories: 2 have poll, but limits.max_repositories leaves room for 1:"
                        + " announcements of others are refused");
        assertThat(load(file, Map.of("CVMFS_NOTIFY_LIMITS_MAX_REPOSITORIES", "2"))
                        .warnings())
                .isEmpty();
    }

    @Test
    void aPrivateKeyThatEveryoneMayReadIsWarnedOf() throws IOException {
        for (String name : List.of("server.key", "amqp.key", "sw.example.org.gw")) {
            Files.setPosixFilePermissions(
                    Files.writeString(folder.resolve(name), "key"), PosixFilePermissions.fromString("rw-r--r--"));
        }
        LoadedConfig loaded = load(file("""
                        {"tls": {"cert_file": "server.pem", "key_file": "%1$s/server.key"},
                         "amqp": {"tls": true, "cert_file": "amqp.pem", "key_file": "%1$s/amqp.key"},
                         "access": {"gateway_keys": [{"file": "%1$s/sw.example.org.gw"}]}}
                        """.formatted(folder)), Map.of());

        assertThat(loaded.warnings()).hasSize(3);
        assertThat(loaded.warnings().get(0)).contains("server.key holds a secret and every user may read it");
        assertThat(loaded.warnings().get(1)).contains("amqp.key holds a secret and every user may read it");
        assertThat(loaded.warnings().get(2)).contains("sw.example.org.gw holds a secret and every user may read it");
    }

    @Test
    void everyKeyOfAnUpstreamReachesItsRecord() throws IOException {
        Path token = secretFile("t0ken");
        Path file = file("""
                {"state_dir": "/var/lib/relay",
                 "upstream": {"url": "https://notify.example.org/api/v1", "token_file": "%s", "ca_file": "/etc/ca.pem",
                              "cert_file": "/etc/relay.pem", "key_file": "/etc/relay.key", "publish": "refuse",
                              "protocol": "event-stream", "publish_timeout": "3s", "max_reconnect_delay": "4s"}}
                """.formatted(token));

        LoadedConfig loaded = load(file, Map.of());

        assertThat(loaded.config().upstream())
                .contains(new UpstreamConfig(
                        NotificationServer.parse("https://notify.example.org/api/v1"),
                        new Secret("t0ken"),
                        Optional.of(Path.of("/etc/ca.pem")),
                        Optional.of(new KeyPairFiles(Path.of("/etc/relay.pem"), Path.of("/etc/relay.key"))),
                        PublishUse.REFUSE,
                        Protocol.EVENT_STREAM,
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(4)));
        assertThat(loaded.warnings()).isEmpty();
        assertThat(loaded.publishing().anonymous()).isEqualTo(AnonymousPublish.VERIFIED);
    }

    @Test
    void aRelayIsNotStandaloneAndIsWarnedOfWhatHasNoEffect() throws IOException {
        String url = "http://notify.example.org:4930/api/v1";
        assertThatThrownBy(() -> load(
                        file("{\"standalone\": true}"),
                        Map.of(),
                        List.of(new Assignment("--upstream", "upstream.url", url))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("upstream.url: standalone is true too")
                .hasMessageContaining("line 1");

        assertThat(load(NO_FILE, Map.of("CVMFS_NOTIFY_UPSTREAM_URL", url, "CVMFS_NOTIFY_AMQP_URL", "mq"))
                        .warnings())
                .anySatisfy(warning -> assertThat(warning).startsWith("amqp.url has no effect"))
                .anySatisfy(warning -> assertThat(warning).startsWith("state_dir is not set"));
        assertThat(load(NO_FILE, Map.of("CVMFS_NOTIFY_UPSTREAM_PUBLISH", "refuse"))
                        .warnings())
                .containsExactly("upstream.publish has no effect: upstream.url is not set");
    }

    @Test
    void anUpstreamsUrlHasNoCredentials() {
        assertThatThrownBy(() -> load(
                        NO_FILE, Map.of("CVMFS_NOTIFY_UPSTREAM_URL", "http://user:s3cret@notify.example.org/api/v1")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("upstream.url")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void anUnknownVariableIsOnlyAWarning() {
        LoadedConfig loaded = load(NO_FILE, Map.of("CVMFS_NOTIFY_PROT", "1", "UNRELATED", "2"));

        assertThat(loaded.warnings())
                .containsExactly("environment variable CVMFS_NOTIFY_PROT is unknown and ignored;"
                        + " did you mean CVMFS_NOTIFY_PORT?");
    }

    private Path secretFile(String secret) throws IOException {
        Path file = Files.writeString(folder.resolve("pass"), secret + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    private Path file(String json) throws IOException {
        return Files.writeString(folder.resolve("config.json"), json);
    }

    private static LoadedConfig load(Path file, Map<String, String> environment) {
        return load(file, environment, List.of());
    }

    private static LoadedConfig load(Path file, Map<String, String> environment, List<Assignment> options) {
        return ConfigLoader.load(new ConfigSources(Optional.ofNullable(file), environment, options));
    }
}
