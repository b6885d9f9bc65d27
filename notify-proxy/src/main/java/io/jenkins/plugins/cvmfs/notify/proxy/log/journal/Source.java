package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;

/** Where an arrival comes from; that decides what must be safe before it is delivered. */
public sealed interface Source {

    /** Whether a crash right after the delivery must not lose it, because nobody else keeps it. */
    default boolean mustBeDurable() {
        return true;
    }

    /** Whether it is delivered although the journal cannot be written, because it has been announced to others already. */
    default boolean isDeliveredAnyway() {
        return true;
    }

    /** Whether it may have been announced before its repository was forgotten, although it comes later. */
    default boolean mayBeForgotten() {
        return false;
    }

    /** How it compares with the last entry of its repository, which stands at this position. */
    default Order orderAgainst(LogPosition last) {
        return Order.AFTER;
    }

    /** What the way an arrival came says about its place in the order of its repository's announcements. */
    enum Order {
        /** It comes after what is known. */
        AFTER,
        /** It has come before. */
        BEFORE,
        /** Nothing: the times of acceptance must tell. */
        UNKNOWN
    }

    /** A publisher of this proxy in standalone mode: without the journal there is no log, so a failure refuses it. */
    record Publisher() implements Source {
        @Override
        public boolean isDeliveredAnyway() {
            return false;
        }
    }

    /** This proxy's queue at the broker. */
    record Queue() implements Source {}

    /** The last value of another proxy, to close a gap. */
    record Peer() implements Source {
        @Override
        public boolean mayBeForgotten() {
            return true;
        }

        @Override
        public Order orderAgainst(LogPosition last) {
            return Order.UNKNOWN;
        }
    }

    /**
     * The stream at the broker, which keeps it; the journal only saves reading it again.
     *
     * @param position where it stands in the stream
     * @param reading how it was read
     */
    record Stream(LogPosition position, Reading reading) implements Source {

        /** How a message was read from the stream. */
        public enum Reading {
            /** As it was appended. */
            LIVE,
            /** Later, to catch up: what is known may be newer although it came on another way. */
            LATE,
            /** It is an old message that was appended once more, to keep it. */
            COPY
        }

        @Override
        public boolean mayBeForgotten() {
            return reading == Reading.COPY;
        }

        @Override
        public boolean mustBeDurable() {
            return false;
        }

        @Override
        public Order orderAgainst(LogPosition last) {
            boolean sameStream = last.epoch().equals(position.epoch());
            if (sameStream && position.offset() <= last.offset()) {
                return Order.BEFORE;
            }
            return switch (reading) {
                case LIVE -> Order.AFTER;
                case LATE -> sameStream ? Order.AFTER : Order.UNKNOWN;
                case COPY -> Order.UNKNOWN;
            };
        }
    }
}
