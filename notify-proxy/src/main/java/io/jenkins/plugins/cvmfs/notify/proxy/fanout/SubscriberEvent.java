package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

/** A user event that the fan-out fires in a subscriber's pipeline. */
public enum SubscriberEvent {
    /** The subscriber has left data unread for longer than allowed and must be disconnected. */
    STALLED,
    /** The subscriber does not keep up, the memory for slow subscribers is used up, and it must be disconnected. */
    NO_ROOM_TO_WAIT
}
