package io.jenkins.plugins.cvmfs.notify.load.baseline;

import java.io.IOException;
import java.util.Map;

/** A way to make messages durable, or to pass them on, without a service. */
public interface Baseline {

    /** What tables call it. */
    String title();

    /** What has become of a message that is counted. */
    String durability();

    /** Whether a RabbitMQ must be installed. */
    default boolean needsRabbitMq() {
        return true;
    }

    /**
     * Measures once, after a warm-up.
     *
     * @return numbers by name; a name ends in its unit
     */
    Map<String, Double> measure(int messageBytes) throws IOException;
}
