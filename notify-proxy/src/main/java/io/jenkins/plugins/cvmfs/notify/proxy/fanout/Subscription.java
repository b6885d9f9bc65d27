package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

/**
 * One subscriber's interest in one repository. Used on the subscriber's event loop only.
 */
final class Subscription {

    private final Subscriber subscriber;
    private final Audience audience;
    private int seat;
    private long lastSequence;

    Subscription(Subscriber subscriber, Audience audience) {
        this.subscriber = subscriber;
        this.audience = audience;
    }

    Subscriber subscriber() {
        return subscriber;
    }

    Audience audience() {
        return audience;
    }

    /** Its index in the audience's list. */
    int seat() {
        return seat;
    }

    void sitAt(int newSeat) {
        seat = newSeat;
    }

    /** Notes that the subscriber has, or need not have, everything up to this one. False if that was so already. */
    boolean advanceTo(Dispatch dispatch) {
        if (dispatch.sequence() <= lastSequence) {
            return false;
        }
        lastSequence = dispatch.sequence();
        return true;
    }
}
