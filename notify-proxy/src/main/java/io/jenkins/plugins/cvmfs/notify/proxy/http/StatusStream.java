package io.jenkins.plugins.cvmfs.notify.proxy.http;

import java.util.Optional;

/**
 * An endpoint that can be watched: asked with {@code Accept: text/event-stream}, the front end answers with an event stream of which
 * the first event, {@code whole}, holds everything, and each further one, {@code changes}, what has changed since. A watcher that reads too
 * slowly misses changes, and is sent the whole again when it has caught up. Whoever is answered with an error to GET may not watch either.
 */
public interface StatusStream extends BlockingRoute {

    /** Everything, on one line; on the front end's thread for endpoints. */
    String whole();

    /**
     * What has changed since the last call, on one line; empty if nothing has. Called a few times a second while somebody watches, and
     * not at all while nobody does; on the front end's thread for endpoints.
     */
    Optional<String> changes();
}
