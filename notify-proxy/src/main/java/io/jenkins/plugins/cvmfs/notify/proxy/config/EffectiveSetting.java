package io.jenkins.plugins.cvmfs.notify.proxy.config;

/**
 * One key of the effective configuration, for people to look at.
 *
 * @param path the key
 * @param shown the value as the file would hold it, a {@code String}, {@code Boolean}, {@code Integer} or {@code Long}; a secret
 *     is hidden
 * @param origin where it was given
 */
public record EffectiveSetting(String path, Object shown, Origin origin) {

    static <T> EffectiveSetting of(ConfigKey<T> key, Layers layers) {
        return new EffectiveSetting(key.path(), key.type().show(layers.get(key)), layers.origin(key));
    }
}
