package io.jenkins.plugins.cvmfs.notify.proxy.frontend;

/**
 * Something else to read on the front end's port: health, metrics, the state of repositories. The front end does the HTTP (GET,
 * HEAD, OPTIONS, 405 for the rest), the endpoint says what is there.
 */
public interface Endpoint {

    /**
     * Whether this path is the endpoint's; a path that no endpoint serves is answered with 404. Called on an event loop: must
     * neither block nor throw.
     *
     * @param path the decoded path without the query, such as {@code /healthz}
     */
    boolean serves(String path);

    /**
     * What a GET answers. Called on the front end's one thread for endpoints, never on an event loop, one call at
     * a time; it may take a moment. A thrown exception becomes a 500.
     *
     * @param request of which {@link #serves(String)} has accepted the path
     */
    EndpointReply get(EndpointRequest request);
}
