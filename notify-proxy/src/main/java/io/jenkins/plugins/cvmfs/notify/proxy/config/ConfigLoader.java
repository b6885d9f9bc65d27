package io.jenkins.plugins.cvmfs.notify.proxy.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.GatewayKeyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LoadedConfig.EffectiveSetting;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LoadedConfig.PublishPosture;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Origin.Layer;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RawValue.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Puts the configuration together, key by key: defaults, file, environment, command line. Reports everything that is wrong at
 * once.
 */
public final class ConfigLoader {

    /** Where packages of the original service put the file, and the default if none is named. */
    public static final String DEFAULT_FILE = "/etc/cvmfs/notify/config.json";

    private static final String VARIABLE_PREFIX = "CVMFS_NOTIFY_";
    private static final String SCHEMA = "config.schema.json";
    private static final Origin TOGETHER = new Origin(Layer.DEFAULT, "all sources together");

    /**
     * Where to read a configuration from, each source stronger than the one before.
     *
     * @param file the file; empty means none
     * @param environment the environment; only names that begin with {@code CVMFS_NOTIFY_} are read
     * @param commandLine what the command line sets
     */
    public record ConfigSources(Optional<Path> file, Map<String, String> environment, List<Assignment> commandLine) {

        public ConfigSources {
            environment = Map.copyOf(environment);
            commandLine = List.copyOf(commandLine);
        }
    }

    /**
     * One value from the command line.
     *
     * @param name the option as it was written, such as {@code --port}
     * @param path the key that it sets
     * @param value its text
     */
    public record Assignment(String name, String path, String value) {}

    private final ConfigValues values = ConfigValues.defaults();
    private final List<String> warnings = new ArrayList<>();
    private final ConfigSources sources;
    private final boolean needsSecrets;

    private ConfigLoader(ConfigSources sources, boolean needsSecrets) {
        this.sources = sources;
        this.needsSecrets = needsSecrets;
    }

    /**
     * Reads all sources. Blocks on files.
     *
     * @throws ConfigException if anything is wrong; it holds every problem
     */
    public static LoadedConfig load(ConfigSources sources) {
        return new ConfigLoader(sources, true).load();
    }

    /**
     * Reads all sources but {@code amqp.pass_file}, for commands that set up the broker, which may yet have to write it.
     *
     * @throws ConfigException if anything else is wrong; it holds every problem
     */
    public static LoadedConfig loadBeforeSecrets(ConfigSources sources) {
        return new ConfigLoader(sources, false).load();
    }

    /** Returns the JSON Schema of config.json, as it is shipped in the jar. */
    public static String schema() {
        try (InputStream resource = ConfigLoader.class.getResourceAsStream(SCHEMA)) {
            if (resource == null) {
                throw new IllegalStateException("the jar lacks " + SCHEMA);
            }
            return new String(resource.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the jar's %s cannot be read".formatted(SCHEMA), e);
        }
    }

    private LoadedConfig load() {
        sources.file().ifPresent(file -> ConfigFile.read(file, values));
        environment();
        sources.commandLine().forEach(this::option);
        derivedDefaults();
        Secret pass = password();
        Secret token = secret(ConfigKey.UPSTREAM_TOKEN_FILE).orElse(new Secret(""));
        oneLogOnly();
        check(() -> AmqpConfig.from(values, pass), "amqp.");
        check(() -> UpstreamConfig.from(values, token), "upstream.");
        check(() -> HttpConfig.from(values), "tls.", "http.");
        check(() -> LimitsConfig.from(values), "limits.");
        check(() -> DeliveryConfig.from(values), "delivery.", ConfigKey.HOLD.path(), ConfigKey.WEBHOOKS.path());
        if (needsSecrets) {
            checkWebhooks("", WebhookConfig::requireFiles);
        }
        values.requireNoProblems();
        ProxyConfig config = ProxyConfig.from(values, pass, token);
        checkWebhooks(
                ".event", webhook -> webhook.requireReplicas(config.operator().watch(), config.delivery()));
        values.requireNoProblems();
        warnings();
        return new LoadedConfig(
                config,
                ConfigKey.ALL.stream()
                        .map(key -> EffectiveSetting.of(key, values))
                        .toList(),
                warnings,
                PublishPosture.of(values, config.access()));
    }

    /** As in the original, an empty variable counts as not set. An unknown one is only a warning: Kubernetes sets some. */
    private void environment() {
        Map<String, ConfigKey<?>> byVariable =
                ConfigKey.ALL.stream().collect(Collectors.toMap(ConfigKey::variable, Function.identity()));
        new TreeMap<>(sources.environment()).forEach((name, value) -> {
            ConfigKey<?> key = byVariable.get(name);
            if (key != null && !value.isEmpty()) {
                Origin origin = new Origin(Layer.ENVIRONMENT, "environment variable " + name);
                values.take(key.path(), new RawValue(Kind.UNTYPED, value, origin));
            } else if (key == null && name.startsWith(VARIABLE_PREFIX)) {
                warnings.add("environment variable %s is unknown and ignored%s"
                        .formatted(name, ConfigValues.didYouMean(name, byVariable.keySet())));
            }
        });
    }

    private void option(Assignment option) {
        Origin origin = new Origin(Layer.COMMAND_LINE, "command line, " + option.name());
        ConfigKey<?> key = ConfigKey.BY_PATH.get(option.path());
        if (key != null && key.fallbackOrNull() instanceof Secret) {
            values.problem(
                    option.path(), "other users can see the command line; give a file with the secret instead", origin);
        } else {
            values.take(option.path(), new RawValue(Kind.UNTYPED, option.value(), origin));
        }
    }

    private void derivedDefaults() {
        if (values.get(ConfigKey.STANDALONE)) {
            fallback(ConfigKey.BIND, ProxyConfig.LOOPBACK, "default of standalone mode");
        }
        if (values.get(ConfigKey.AMQP_TLS)) {
            fallback(ConfigKey.AMQP_PORT, 5671, "default with TLS");
        }
        // A file that the original service could have read means what it meant there.
        if (sources.file().isPresent()
                && ConfigKey.ORIGINAL.containsAll(values.fileKeys().keySet())) {
            fallback(
                    ConfigKey.ANONYMOUS_PUBLISH,
                    AnonymousPublish.EVERYONE,
                    "default with a file of the original service");
        }
        LocalToken.place(sources.environment())
                .ifPresent(file -> fallback(ConfigKey.LOCAL_TOKEN_FILE, Optional.of(file), "default on this machine"));
    }

    private <T> void fallback(ConfigKey<T> key, T value, String place) {
        if (values.isDefault(key)) {
            values.put(key, value, new Origin(Layer.DEFAULT, place));
        }
    }

    /** Returns the password: from its file, unless a stronger source gives the password itself. */
    private Secret password() {
        Origin direct = values.origin(ConfigKey.AMQP_PASS);
        Origin fromFile = values.origin(ConfigKey.AMQP_PASS_FILE);
        Secret given = values.get(ConfigKey.AMQP_PASS);
        Optional<Path> file = values.get(ConfigKey.AMQP_PASS_FILE);
        if (file.isEmpty() || fromFile.layer().compareTo(direct.layer()) < 0) {
            return given;
        }
        if (direct.layer() == fromFile.layer()) {
            values.problem("amqp.pass_file", "amqp.pass is given too; keep one of them", fromFile);
            return given;
        }
        if (needsSecrets) {
            file.flatMap(Secret::warning).ifPresent(warnings::add);
        }
        return secret(ConfigKey.AMQP_PASS_FILE).orElse(given);
    }

    /** Returns the secret in the file that a key names; empty if it names none, or is not to be read, or the file is wrong. */
    private Optional<Secret> secret(ConfigKey<Optional<Path>> key) {
        return values.get(key)
                .filter(file -> needsSecrets)
                .flatMap(file -> ConfigException.collect(
                        values.problems(), key.path(), values.origin(key), () -> Secret.read(file)));
    }

    /** @param part of a webhook that the problems are with */
    private void checkWebhooks(String part, Consumer<WebhookConfig> check) {
        List<WebhookConfig> webhooks = values.get(ConfigKey.WEBHOOKS);
        for (int i = 0; i < webhooks.size(); i++) {
            WebhookConfig webhook = webhooks.get(i);
            String path = "%s[%d]%s".formatted(ConfigKey.WEBHOOKS.path(), i, part);
            ConfigException.collect(values.problems(), path, values.origin(ConfigKey.WEBHOOKS), () -> {
                check.accept(webhook);
                return webhook;
            });
        }
    }

    private void oneLogOnly() {
        if (values.get(ConfigKey.UPSTREAM_URL).isPresent() && values.get(ConfigKey.STANDALONE)) {
            values.problem(
                    ConfigKey.UPSTREAM_URL.path(),
                    "standalone is true too (%s); keep one of them".formatted(values.origin(ConfigKey.STANDALONE)),
                    values.origin(ConfigKey.UPSTREAM_URL));
        }
    }

    /** Builds a part unless one of its keys is wrong already, so that a problem is with the keys' combination. */
    private void check(Supplier<?> part, String... sections) {
        if (values.problems().stream().noneMatch(problem -> Stream.of(sections).anyMatch(problem.path()::startsWith))) {
            ConfigException.collect(values.problems(), "", TOGETHER, part);
        }
    }

    /** Warns of settings without effect, and of secrets that other users of the machine may read. */
    private void warnings() {
        if (!values.get(ConfigKey.AMQP_TLS)) {
            Stream.of(ConfigKey.AMQP_CA_FILE, ConfigKey.AMQP_CERT_FILE)
                    .filter(key -> values.get(key).isPresent())
                    .forEach(key -> warnings.add(key.path()
                            + " is set, but amqp.tls is false: the connection to the broker is not encrypted"));
        }
        upstreamWarnings();
        pollWarnings();
        List<WebhookConfig> webhooks = values.get(ConfigKey.WEBHOOKS);
        if (!webhooks.isEmpty() && values.get(ConfigKey.STATE_DIR).isEmpty()) {
            warnings.add("webhooks: state_dir is not set: what they are owed is forgotten at a restart");
        }
        boolean hasSecret = values.origin(ConfigKey.AMQP_PASS).layer() == Layer.FILE
                || webhooks.stream().anyMatch(webhook -> webhook.url().getRawQuery() != null);
        Stream<Path> withSecret = hasSecret ? sources.file().stream() : Stream.empty();
        Stream<Path> keys = Stream.of(
                        ConfigKey.TLS_KEY_FILE,
                        ConfigKey.AMQP_KEY_FILE,
                        ConfigKey.UPSTREAM_KEY_FILE,
                        ConfigKey.UPSTREAM_TOKEN_FILE)
                .flatMap(key -> values.get(key).stream());
        Stream<Path> gatewayKeys = values.get(ConfigKey.GATEWAY_KEYS).stream().map(GatewayKeyConfig::file);
        Stream<Path> webhookFiles =
                webhooks.stream().flatMap(it -> Stream.concat(it.secretFiles().stream(), it.headersFile().stream()));
        Stream.of(withSecret, keys, gatewayKeys, webhookFiles)
                .flatMap(Function.identity())
                .flatMap(file -> Secret.warning(file).stream())
                .forEach(warnings::add);
    }

    private void pollWarnings() {
        long polled = values.get(ConfigKey.REPOSITORIES).stream()
                .filter(entry -> entry.poll().isPresent())
                .count();
        int most = values.get(ConfigKey.MAX_REPOSITORIES);
        if (polled > most) {
            warnings.add("repositories: %d have poll, but %s leaves room for %d: announcements of others are refused"
                    .formatted(polled, ConfigKey.MAX_REPOSITORIES.path(), most));
        }
    }

    private void upstreamWarnings() {
        boolean isRelay = values.get(ConfigKey.UPSTREAM_URL).isPresent();
        ConfigKey.ALL.stream()
                .filter(key -> key.path().startsWith(isRelay ? "amqp." : "upstream.") && !values.isDefault(key))
                .findFirst()
                .ifPresent(key -> warnings.add(
                        isRelay
                                ? key.path() + " has no effect: a relay has no broker, because upstream.url is set"
                                : key.path() + " has no effect: upstream.url is not set"));
        if (isRelay && values.get(ConfigKey.STATE_DIR).isEmpty()) {
            warnings.add(
                    "state_dir is not set: after a restart this relay has no last values until the upstream answers");
        }
    }
}
