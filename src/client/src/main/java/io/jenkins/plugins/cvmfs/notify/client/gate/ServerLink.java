package io.jenkins.plugins.cvmfs.notify.client.gate;

import org.jspecify.annotations.Nullable;

/**
 * The connection of a gate to its notification server. Immutable.
 *
 * @param problem why no announcement can arrive, on one line; null unless the connection is lost or the subscription refused
 */
public record ServerLink(State state, @Nullable String problem) {

    /** The state of the connection. */
    public enum State {
        /** There is no server: the replicas are only polled. */
        NONE("without a notification server"),
        /** The first attempt has not ended. */
        CONNECTING("connecting to the notification server"),
        /** Announcements can arrive. */
        CONNECTED("connected to the notification server"),
        /** It is tried again and again. */
        LOST("no connection to the notification server"),
        /** A right is missing; it is tried again. */
        REFUSED("the notification server refuses the subscription");

        private final String text;

        State(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Returns true if announcements can arrive. */
    public boolean isUp() {
        return state == State.CONNECTED;
    }

    /** Returns a phrase such as {@code connected to the notification server}, with the problem if there is one. */
    @Override
    public String toString() {
        return problem == null ? state.toString() : state + ": " + problem;
    }
}
