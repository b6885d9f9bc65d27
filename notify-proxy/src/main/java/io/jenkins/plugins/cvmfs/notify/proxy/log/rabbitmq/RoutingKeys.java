package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.UUID;

/** The routing keys of messages on the exchange. Those of proxies begin with a character that no repository's name begins with. */
final class RoutingKeys {

    /** Bound to the stream: a message that only shows its publisher how far it has read. */
    static final String FENCE = "_cvmfs-notify.fence";

    /** Bound to the stream: names of repositories whose keys a proxy has just unbound from the stream, one a line. */
    static final String UNBOUND = "_cvmfs-notify.unbound";

    /** Bound to the queue of every proxy in queue mode: asks for last values. */
    static final String CATCH_UP = "_cvmfs-notify.catch-up";

    /** Bound to the stream, and in queue mode to the queue of every proxy: a repository is to be forgotten. */
    static final String FORGOTTEN = "_cvmfs-notify.forgotten";

    private static final String PROBE = "_cvmfs-notify.probe.";
    private static final String REPLY = "_cvmfs-notify.reply.";

    private RoutingKeys() {}

    static String of(RepositoryName repository) {
        return repository.value();
    }

    /** A key that is bound to one proxy's queue only, for as long as it is connected. */
    static String reply(UUID session) {
        return REPLY + session;
    }

    /** A key that only one proxy binds: a message now and then checks whether the exchange still has this proxy's bindings. */
    static String probe(String proxy) {
        return PROBE + proxy;
    }

    static boolean isOurs(String key) {
        return key.startsWith("_");
    }

    static boolean isProbe(String key) {
        return key.startsWith(PROBE);
    }

    static boolean isReply(String key) {
        return key.startsWith(REPLY);
    }
}
