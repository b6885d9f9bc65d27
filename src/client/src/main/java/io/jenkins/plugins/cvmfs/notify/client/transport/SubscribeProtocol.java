package io.jenkins.plugins.cvmfs.notify.client.transport;

/** How activities travel to a subscriber. */
public enum SubscribeProtocol {
    /** WebSocket, and event streams where that fails; what worked is tried first the next time. */
    AUTO,
    /** One WebSocket for all repositories: the original service and ours. */
    WEBSOCKET,
    /** Server-sent events: the repository gateway, one request a repository; ours, up to 64 repositories a request. */
    EVENT_STREAM
}
