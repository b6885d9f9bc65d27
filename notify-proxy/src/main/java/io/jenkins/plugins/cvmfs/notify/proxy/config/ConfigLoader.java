package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Origin.Layer;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RawValue.Kind;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Puts the configuration together: defaults, file, environment, command line, key by key. Everything that is wrong is reported
 * at once.
 */
public final class ConfigLoader {

    private static final String VARIABLE_PREFIX = "CVMFS_NOTIFY_";

    private final Layers layers = new Layers();

    private final boolean needsSecrets;

    private ConfigLoader(boolean needsSecrets) {
        this.needsSecrets = needsSecrets;
    }

    /**
     * Reads all sources. Blocks on files.
     *
     * @throws ConfigException if anything at all is wrong; it holds every problem
     */
    public static LoadedConfig load(ConfigSources sources) {
        return new ConfigLoader(true).read(sources);
    }

    /**
     * The same, for whoever sets things up: {@code amqp.pass_file} is not read, as it may have yet to be written.
     *
     * @throws ConfigException if anything else is wrong; it holds every problem
     */
    public static LoadedConfig loadBeforeSecrets(ConfigSources sources) {
        return new ConfigLoader(false).read(sources);
    }

    private LoadedConfig read(ConfigSources sources) {
        sources.file().ifPresent(file -> ConfigFile.read(file, layers));
        environment(sources.environment());
        sources.commandLine().forEach(this::option);
        derivedDefaults(sources.file().isPresent(), sources.environment());
        Optional<Secret> pass = password(sources.file());
        Optional<AmqpConfig> amqp =
                build("amqp", l -> AmqpConfig.from(l, pass.orElse(layers.get(ConfigKeys.AMQP_PASS))));
        Optional<HttpConfig> http = build("tls", HttpConfig::from);
        Optional<LimitsConfig> limits = build("limits", LimitsConfig::from);
        if (http.isEmpty()
                || amqp.isEmpty()
                || limits.isEmpty()
                || !layers.problems().isEmpty()) {
            throw new ConfigException(layers.problems());
        }
        warnOfOpenFiles();
        return new LoadedConfig(
                ProxyConfig.from(layers, http.get(), amqp.get(), limits.get()),
                ConfigKeys.ALL.stream()
                        .map(key -> EffectiveSetting.of(key, layers))
                        .toList(),
                layers.warnings(),
                PublishPosture.of(layers));
    }

    /** As in the original, an empty variable counts as not set. */
    private void environment(Map<String, String> environment) {
        Map<String, ConfigKey<?>> byVariable =
                ConfigKeys.ALL.stream().collect(Collectors.toMap(ConfigKey::variable, Function.identity()));
        new TreeMap<>(environment).forEach((name, value) -> {
            ConfigKey<?> key = byVariable.get(name);
            if (key != null && !value.isEmpty()) {
                Origin origin = new Origin(Layer.ENVIRONMENT, "environment variable " + name);
                layers.given(key.path(), new RawValue(Kind.UNTYPED, value, origin));
            } else if (key == null && name.startsWith(VARIABLE_PREFIX)) {
                layers.warn(unknownVariable(name, byVariable.keySet()));
            }
        });
    }

    /** Not an error: Kubernetes makes up such names by itself for a service called cvmfs-notify. */
    private static String unknownVariable(String name, Set<String> known) {
        String guess = NearestName.of(name, known)
                .map(nearest -> "; did you mean " + nearest + "?")
                .orElse("");
        return "environment variable %s is not known and ignored%s".formatted(name, guess);
    }

    private void option(ConfigSources.Assignment option) {
        Origin origin = new Origin(Layer.COMMAND_LINE, "command line, " + option.name());
        ConfigKey<?> key = ConfigKeys.BY_PATH.get(option.path());
        if (key != null && key.isSecret()) {
            layers.problem(
                    option.path(), "other users can see the command line; give a file with the secret instead", origin);
        } else {
            layers.given(option.path(), new RawValue(Kind.UNTYPED, option.value(), origin));
        }
    }

    private void derivedDefaults(boolean hasFile, Map<String, String> environment) {
        if (layers.get(ConfigKeys.STANDALONE) && layers.isDefault(ConfigKeys.BIND)) {
            layers.put(ConfigKeys.BIND, ProxyConfig.LOOPBACK, new Origin(Layer.DEFAULT, "default of standalone mode"));
        }
        if (layers.get(ConfigKeys.AMQP_TLS) && layers.isDefault(ConfigKeys.AMQP_PORT)) {
            layers.put(ConfigKeys.AMQP_PORT, 5671, new Origin(Layer.DEFAULT, "default with TLS"));
        }
        // A file that the original service could have read means what it meant there.
        if (hasFile
                && ConfigKeys.ORIGINAL.containsAll(layers.fileKeys().keySet())
                && layers.isDefault(AccessKeys.ANONYMOUS_PUBLISH)) {
            layers.put(
                    AccessKeys.ANONYMOUS_PUBLISH,
                    AnonymousPublish.EVERYONE,
                    new Origin(Layer.DEFAULT, "default with a file of the original service"));
        }
        if (layers.isDefault(AccessKeys.LOCAL_TOKEN_FILE)) {
            LocalToken.place(environment)
                    .ifPresent(file -> layers.put(
                            AccessKeys.LOCAL_TOKEN_FILE,
                            Optional.of(file),
                            new Origin(Layer.DEFAULT, "default on this machine")));
        }
        if (!layers.get(ConfigKeys.AMQP_TLS)) {
            Stream.of(ConfigKeys.AMQP_CA_FILE, ConfigKeys.AMQP_CERT_FILE)
                    .filter(key -> layers.get(key).isPresent())
                    .forEach(key -> layers.warn(key.path()
                            + " is set, but amqp.tls is false: the connection to the broker is not encrypted"));
        }
    }

    /** Keys that other users of the machine may read work, and deserve a word. */
    private void warnOfOpenFiles() {
        Stream.concat(
                        Stream.of(ConfigKeys.TLS_KEY_FILE, ConfigKeys.AMQP_KEY_FILE)
                                .flatMap(key -> layers.get(key).stream()),
                        layers.get(AccessKeys.GATEWAY_KEYS).stream().map(GatewayKeyConfig::file))
                .flatMap(file -> SecretFile.warning(file).stream())
                .forEach(layers::warn);
    }

    /** The password from its file, unless a stronger source gives the password itself. */
    private Optional<Secret> password(Optional<Path> configFile) {
        Origin direct = layers.origin(ConfigKeys.AMQP_PASS);
        Origin fromFile = layers.origin(ConfigKeys.AMQP_PASS_FILE);
        if (direct.layer() == Layer.FILE) {
            configFile.flatMap(SecretFile::warning).ifPresent(layers::warn);
        }
        Optional<Path> file = layers.get(ConfigKeys.AMQP_PASS_FILE);
        if (file.isEmpty() || fromFile.isWeakerThan(direct)) {
            return Optional.empty();
        }
        if (direct.layer() == fromFile.layer()) {
            layers.problem("amqp.pass_file", "amqp.pass is given too; keep one of them", fromFile);
            return Optional.empty();
        }
        return needsSecrets ? secret("amqp.pass_file", file.get(), fromFile) : Optional.empty();
    }

    private Optional<Secret> secret(String path, Path file, Origin origin) {
        try {
            Secret secret = SecretFile.read(file);
            SecretFile.warning(file).ifPresent(layers::warn);
            return Optional.of(secret);
        } catch (InvalidInputException e) {
            layers.problem(path, String.valueOf(e.getMessage()), origin);
            return Optional.empty();
        }
    }

    /** Builds a part unless one of its keys is wrong already, so that its message is about the keys' combination. */
    private <T> Optional<T> build(String section, Function<Layers, T> part) {
        if (layers.isFaulty(section + ".")) {
            return Optional.empty();
        }
        try {
            return Optional.of(part.apply(layers));
        } catch (InvalidInputException e) {
            layers.problem("", String.valueOf(e.getMessage()), new Origin(Layer.DEFAULT, "all sources together"));
            return Optional.empty();
        }
    }
}
