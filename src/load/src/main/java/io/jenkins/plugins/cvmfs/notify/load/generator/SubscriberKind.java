package io.jenkins.plugins.cvmfs.notify.load.generator;

/** The kinds of subscribers that a server may have. */
public enum SubscriberKind {
    WEB_SOCKET,
    EVENTS_BY_QUERY,
    EVENTS_BY_BODY
}
