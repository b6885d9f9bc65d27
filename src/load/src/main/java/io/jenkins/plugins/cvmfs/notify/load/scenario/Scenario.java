package io.jenkins.plugins.cvmfs.notify.load.scenario;

import io.jenkins.plugins.cvmfs.notify.load.wire.SubscriberKind;
import java.io.IOException;
import java.util.Map;

/** Something that can be measured of a server that has just been started. */
public interface Scenario {

    String title();

    /** The number that tells of the bare loop whether the machine was as always. */
    String control();

    /** How many repositories the server is told of. */
    default int repositories(int size) {
        return 1;
    }

    /**
     * Measures.
     *
     * @param size how many subscribers
     * @return numbers by name; a name ends in its unit
     */
    Map<String, Double> measure(Trial trial, SubscriberKind kind, int size) throws IOException;
}
