package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import java.time.Duration;
import java.util.Optional;

/** Whether there is a session with the broker. */
sealed interface LinkState {

    /** The session; empty unless there is one. */
    default Optional<BrokerSession> session() {
        return Optional.empty();
    }

    /**
     * None; the link's thread goes on trying.
     *
     * @param why what an operator should know; empty before the first attempt has failed
     * @param sinceNanos since when, by {@link System#nanoTime()}
     */
    record Down(Optional<BrokerError> why, long sinceNanos) implements LinkState {

        /** The same outage, with a newer reason. */
        Down after(BrokerError newer) {
            return new Down(Optional.of(newer), sinceNanos);
        }

        /** Whether it has lasted longer than this. */
        boolean isLongerThan(Duration limit) {
            return System.nanoTime() - sinceNanos > limit.toNanos();
        }

        String describe() {
            return why.map(BrokerError::toString).orElse("connecting to the broker");
        }
    }

    /** There is one. */
    record Up(BrokerSession current) implements LinkState {
        @Override
        public Optional<BrokerSession> session() {
            return Optional.of(current);
        }
    }

    /** There will be none any more. */
    record Closed() implements LinkState {}
}
