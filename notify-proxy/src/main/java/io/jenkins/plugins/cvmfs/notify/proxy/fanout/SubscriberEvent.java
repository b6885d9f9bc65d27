package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

/** What the fan-out tells a subscriber's pipeline, as a user event. */
public enum SubscriberEvent {
    /** It has left data unread for longer than allowed: cut it off. */
    STALLED
}
