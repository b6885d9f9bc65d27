package io.jenkins.plugins.cvmfs.notify.load.generator;

import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** An order to the generator; each is answered with one {@link Outcome}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.MINIMAL_CLASS, property = "order")
public sealed interface Order {

    /**
     * Names the server, once, and publishes a last value.
     *
     * @param port TCP port on 127.0.0.1
     * @param repository number of the repository to publish to
     * @param number of this generator among those of the repository: the first one, 0, publishes, and each has its own addresses
     */
    record Target(int port, Dialect dialect, int repository, int number) implements Order {

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
    record Connect(SubscriberKind kind, int count, int atOnce, boolean stalled) implements Order {}

    /** Publishes so many messages, each when every subscriber has the one before. */
    record Burst(int messages) implements Order {}

    /** Waits until every subscriber has got so many messages of another generator since all connected. */
    record Expect(int messages) implements Order {}

    /** Publishes so often, whether or not the ones before have arrived. */
    record Rate(int perSecond, double seconds) implements Order {}

    /** Publishes as fast as messages are answered, so many at a time. */
    record Flood(int atOnce, double seconds) implements Order {}

    /** Resets every subscriber's connection. */
    record Drop() implements Order {}
}
