package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

/** What the fan-out tells a subscriber's pipeline, as a user event. */
public enum SubscriberEvent {
    /** It has left data unread for longer than allowed: cut it off. */
    STALLED,
    /** It does not keep up, and the others who do not have taken all memory there is for that: cut it off. */
    NO_ROOM_TO_WAIT
}
