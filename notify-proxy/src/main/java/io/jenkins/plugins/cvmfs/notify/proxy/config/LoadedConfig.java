package io.jenkins.plugins.cvmfs.notify.proxy.config;

import java.util.List;

/**
 * A configuration that is complete and checked.
 *
 * @param config the values
 * @param settings the same for people: every key with its value and where that was given
 * @param warnings what works but deserves a look; sentences
 * @param publishing who may publish, and why
 */
public record LoadedConfig(
        ProxyConfig config, List<EffectiveSetting> settings, List<String> warnings, PublishPosture publishing) {

    public LoadedConfig {
        settings = List.copyOf(settings);
        warnings = List.copyOf(warnings);
    }
}
