package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import java.util.Map;
import java.util.Optional;

/**
 * Who may publish, and which key of the configuration made it so.
 *
 * @param anonymous who needs no credentials
 * @param who one sentence
 * @param why one sentence, with what to write to choose otherwise
 */
public record PublishPosture(AnonymousPublish anonymous, String who, String why) {

    private static final String CHOOSE = "to choose, set access.anonymous_publish (everyone, verified or nobody)";

    static PublishPosture of(Layers layers) {
        AccessConfig access = AccessConfig.from(layers);
        return new PublishPosture(
                access.anonymousPublish(),
                "without credentials: %s; with credentials: %s"
                        .formatted(anonymous(access.anonymousPublish()), credentials(access)),
                why(layers, access.anonymousPublish()));
    }

    private static String anonymous(AnonymousPublish value) {
        return switch (value) {
            case EVERYONE -> "everyone who reaches the port";
            case LOOPBACK_OR_VERIFIED ->
                "every program on this machine, whoever reaches a forwarder on it, and what carries a verified signature";
            case LOOPBACK -> "every program on this machine, and whoever reaches a forwarder on it";
            case VERIFIED -> "only what carries a verified signature";
            case NOBODY -> "nobody";
        };
    }

    private static String credentials(AccessConfig access) {
        return "%d tokens, %d gateway keys, %d certificates, %d networks, %s"
                .formatted(
                        access.tokens().size(),
                        access.gatewayKeys().size(),
                        access.certificates().size(),
                        access.networks().size(),
                        access.localTokenFile()
                                .map(file -> "whoever may read the local token " + file)
                                .orElse("no local token"));
    }

    private static String why(Layers layers, AnonymousPublish value) {
        Origin origin = layers.origin(AccessKeys.ANONYMOUS_PUBLISH);
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
        return firstOwnKey(layers)
                .map(key ->
                        "the default, because %s (%s) is no key of the original service; a file with its keys alone lets everyone publish; %s"
                                .formatted(key.getKey(), key.getValue(), CHOOSE))
                .orElse("the default; " + CHOOSE);
    }

    /** The key that tells the file from one of the original service. */
    private static Optional<Map.Entry<String, Origin>> firstOwnKey(Layers layers) {
        return layers.fileKeys().entrySet().stream()
                .filter(key -> !ConfigKeys.ORIGINAL.contains(key.getKey()))
                .findFirst();
    }

    /** Whether somebody may publish whom the administrator has not chosen by name, by key or by signature. */
    public boolean isOpen() {
        return anonymous == AnonymousPublish.EVERYONE || anonymous.trustsLoopback();
    }

    /** Both sentences. */
    public String text() {
        return who + " (" + why + ")";
    }
}
