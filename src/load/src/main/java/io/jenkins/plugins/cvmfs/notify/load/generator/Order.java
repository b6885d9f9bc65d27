package io.jenkins.plugins.cvmfs.notify.load.generator;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** An order to the generator; each is answered with one {@link Outcome}. */
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
     * Names the server, once, and publishes a last value.
     *
     * @param port TCP port on 127.0.0.1
     * @param repository number of the repository to publish to
     */
    record Target(int port, Dialect dialect, int repository) implements Order {

        String repositoryName() {
            return Numbered.repository(repository);
        }
    }

    /**
     * Opens subscribers until each has the last value.
     *
     * @param atOnce how many may be connecting
     * @param stalled whether they stop reading after that
     */
    record Connect(SubscriberKind kind, int count, int atOnce, boolean stalled) implements Order {

        /** A multiple of what the slowest server measured so far needed: ten seconds and one millisecond a subscriber. */
        long timeoutNanos() {
            return 10_000_000_000L + count * 1_000_000L;
        }
    }

    /** Publishes so many messages, each when every subscriber has the one before. */
    record Burst(int messages) implements Order {}

    /** Publishes so often, whether or not the ones before have arrived. */
    record Rate(int perSecond, double seconds) implements Order {}

    /** Publishes on so many connections at a time, on each as soon as the one before is answered. There must be no subscribers. */
    record Flood(int connections, double seconds) implements Order {}

    /** Resets every subscriber's connection. */
    record Drop() implements Order {}
}
