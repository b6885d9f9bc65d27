package io.jenkins.plugins.cvmfs.notify.proxy.http;

import java.time.Duration;

/**
 * Something else to read on the front end's port: health, metrics, the state of repositories. The front end does the HTTP (GET,
 * HEAD, OPTIONS, 405 for the rest), the endpoint says what is there.
 */
public interface BlockingRoute {

    /**
     * Whether this path is the endpoint's; a path that no endpoint serves is answered with 404. Called on an event loop: must
     * neither block nor throw.
     *
     * @param path the decoded path without the query, such as {@code /healthz}
     */
    boolean serves(String path);

    /**
     * Returns true if {@link #get} neither blocks nor takes longer than a few microseconds. It is then called on the event loops, from several at
     * a time, and answers however many other requests wait for the thread for endpoints.
     */
    default boolean isQuick() {
        return false;
    }

    /**
     * Returns how long an answer serves everyone who asks, whatever the path and the headers of their requests; zero if each request gets an
     * answer of its own. Those who ask while it is being read share it.
     */
    default Duration sharedFor() {
        return Duration.ZERO;
    }

    /**
     * What a GET answers. Called on the front end's one thread for endpoints, one call at a time, and may take a moment there; but if {@link
     * #isQuick()} on an event loop. A thrown exception becomes a 500.
     *
     * @param request of which {@link #serves(String)} has accepted the path
     */
    EndpointReply get(EndpointRequest request);
}
