package io.jenkins.plugins.cvmfs.notify.proxy.broker.journal;

import io.jenkins.plugins.cvmfs.notify.proxy.fanout.LogPosition;

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

    /** A publisher of this proxy in standalone mode: without the journal there is no log, so a failure refuses it. */
    record Publisher() implements Source {
        @Override
        public boolean isDeliveredAnyway() {
            return false;
        }
    }

    /** This proxy's queue at the broker. */
    record Queue() implements Source {}

    /** The last value of another proxy, to close a gap. Counts only if it is newer than what is known. */
    record Peer() implements Source {}

    /** The stream at the broker, which keeps it; the journal only saves reading it again. */
    record Stream(LogPosition position) implements Source {
        @Override
        public boolean mustBeDurable() {
            return false;
        }
    }
}
