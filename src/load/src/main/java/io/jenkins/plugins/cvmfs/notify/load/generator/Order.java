package io.jenkins.plugins.cvmfs.notify.load.generator;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.jenkins.plugins.cvmfs.notify.load.wire.Dialect;
import io.jenkins.plugins.cvmfs.notify.load.wire.SubscriberKind;

/** What the generator is told to do; each is answered with one {@link Outcome}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "order")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Order.Target.class, name = "target"),
    @JsonSubTypes.Type(value = Order.Connect.class, name = "connect"),
    @JsonSubTypes.Type(value = Order.Burst.class, name = "burst"),
    @JsonSubTypes.Type(value = Order.Rate.class, name = "rate"),
    @JsonSubTypes.Type(value = Order.Flood.class, name = "flood"),
    @JsonSubTypes.Type(value = Order.Drop.class, name = "drop")
})
public sealed interface Order {

    /**
     * The server, told once; then one message of each repository is published, so that there is a last value.
     *
     * @param firstRepository number of the first one that is published to
     * @param repositories how many are published to
     * @param messageBytes length of a message
     */
    record Target(String host, int port, Dialect dialect, int firstRepository, int repositories, int messageBytes)
            implements Order {}

    /**
     * Opens subscribers, {@code atOnce} at a time, until each holds the last value of each of its repositories.
     *
     * @param repositoriesEach how many repositories each one hears of
     * @param sources how many addresses 127.0.0.x they come from
     * @param stalled whether they stop reading after that
     */
    record Connect(SubscriberKind kind, int count, int repositoriesEach, int sources, int atOnce, boolean stalled)
            implements Order {

        /** A multiple of what the slowest server measured so far needed: ten seconds and one millisecond a subscriber. */
        long timeoutNanos() {
            return 10_000_000_000L + count * 1_000_000L;
        }
    }

    /** Publishes so many messages to repository after repository, each when every subscriber has the one before. */
    record Burst(int messages) implements Order {}

    /** Publishes so often, whether or not the ones before have arrived. */
    record Rate(int perSecond, double seconds) implements Order {}

    /** Publishes on so many connections at a time, on each as soon as the one before is answered. Nobody must be subscribed. */
    record Flood(int connections, double seconds) implements Order {}

    /** Resets every subscriber's connection. */
    record Drop() implements Order {}
}
