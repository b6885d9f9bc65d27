package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

/** How an attempt to subscribe ended. */
public enum SubscribeResult {
    /** Subscribed, now or already before. */
    SUBSCRIBED,
    /** The connection has as many subscriptions as one may have. */
    TOO_MANY_SUBSCRIPTIONS,
    /** The repository is new, and there are as many as allowed. */
    TOO_MANY_REPOSITORIES
}
