package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A configuration that is complete and checked.
 *
 * @param config the values
 * @param settings the same for people: every key with its value and where that was given
 * @param warnings what works but is risky or without effect; sentences
 * @param publishing who may publish, and why
 */
public record LoadedConfig(
        ProxyConfig config, List<EffectiveSetting> settings, List<String> warnings, PublishPosture publishing) {

    public LoadedConfig {
        settings = List.copyOf(settings);
        warnings = List.copyOf(warnings);
    }

    /**
     * One key of the effective configuration.
     *
     * @param path the key
     * @param value for comparing
     * @param shown the value as the file would hold it, a {@code String}, {@code Boolean}, {@code Integer} or {@code Long}; a
     *     secret is hidden
     * @param origin where it was given
     */
    public record EffectiveSetting(String path, Object value, Object shown, Origin origin) {

        static <T> EffectiveSetting of(ConfigKey<T> key, ConfigValues values) {
            T value = values.get(key);
            return new EffectiveSetting(key.path(), value, key.type().writer().apply(value), values.origin(key));
        }

        /** Returns true if the value is not the default: a file, the environment or an option gives it. */
        public boolean isGiven() {
            return origin.layer() != Origin.Layer.DEFAULT;
        }
    }

    /**
     * The keys that differ from another configuration.
     *
     * @param inEffect those that a reload puts into effect
     * @param afterRestart those that need a restart
     */
    public record Changes(List<String> inEffect, List<String> afterRestart) {}

    /** Returns the keys whose values differ from those of an earlier configuration. Secrets are compared, and never shown. */
    public Changes changesSince(LoadedConfig earlier) {
        Map<String, Object> before =
                earlier.settings.stream().collect(Collectors.toMap(EffectiveSetting::path, EffectiveSetting::value));
        Map<Boolean, List<String>> changed = settings.stream()
                .filter(setting -> !setting.value().equals(before.get(setting.path())))
                .map(EffectiveSetting::path)
                .collect(Collectors.partitioningBy(ConfigKey.RELOADED::contains));
        return new Changes(changed.getOrDefault(true, List.of()), changed.getOrDefault(false, List.of()));
    }

    /**
     * The clients that may publish, and the key that decided it.
     *
     * @param anonymous who needs no credentials
     * @param who one sentence
     * @param why one sentence, with what to write to choose otherwise
     */
    public record PublishPosture(AnonymousPublish anonymous, String who, String why) {

        static PublishPosture of(ConfigValues values, AccessConfig access) {
            String who = "without credentials: %s; with credentials: %s"
                    .formatted(anonymous(access.anonymousPublish()), credentials(access));
            return new PublishPosture(access.anonymousPublish(), who, why(values, access.anonymousPublish()));
        }

        private static String anonymous(AnonymousPublish value) {
            return switch (value) {
                case EVERYONE -> "everyone who reaches the port";
                case LOOPBACK_OR_VERIFIED ->
                    "every program on this machine, clients of a forwarder on it, and what carries a verified signature";
                case LOOPBACK -> "every program on this machine, and clients of a forwarder on it";
                case VERIFIED -> "only what carries a verified signature";
                case NOBODY -> "nobody";
            };
        }

        private static String credentials(AccessConfig access) {
            return "%d tokens, %d gateway keys, %d certificates, %d networks, %d CI identities, %s"
                    .formatted(
                            access.tokens().size(),
                            access.gatewayKeys().size(),
                            access.certificates().size(),
                            access.networks().size(),
                            access.identities().size(),
                            access.localTokenFile()
                                    .map(file -> "readers of the local token " + file)
                                    .orElse("no local token"));
        }

        private static String why(ConfigValues values, AnonymousPublish value) {
            Origin origin = values.origin(ConfigKey.ANONYMOUS_PUBLISH);
            if (origin.layer() != Origin.Layer.DEFAULT) {
                String risk = value.trustsLoopback()
                        ? "; a tunnel or web server on this machine lends that right to strangers, the local token cannot be lent so"
                        : "";
                return "access.anonymous_publish is %s (%s)%s".formatted(value.text(), origin, risk);
            }
            if (value == AnonymousPublish.EVERYONE) {
                return "the file has only keys of the original service, which let everyone publish; to close it, give publishers"
                        + " tokens ('notify-proxy token') and set access.anonymous_publish to verified or nobody";
            }
            String choose = "to choose, set access.anonymous_publish (everyone, verified or nobody)";
            return values.fileKeys().entrySet().stream()
                    .filter(key -> !ConfigKey.ORIGINAL.contains(key.getKey()))
                    .findFirst()
                    .map(key ->
                            "the default, because %s (%s) is no key of the original service; a file with its keys alone lets everyone publish; %s"
                                    .formatted(key.getKey(), key.getValue(), choose))
                    .orElse("the default; " + choose);
        }

        /** Returns true if clients may publish that the administrator has not chosen by name, key or signature. */
        public boolean isOpen() {
            return anonymous.allowsLoopback();
        }

        /** Returns both sentences. */
        public String text() {
            return who + " (" + why + ")";
        }
    }
}
