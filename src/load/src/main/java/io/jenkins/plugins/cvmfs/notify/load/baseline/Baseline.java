package io.jenkins.plugins.cvmfs.notify.load.baseline;

import java.io.IOException;

/** A way to make messages durable, as fast as it goes. */
public interface Baseline {

    /** What tables call it. */
    String name();

    /** What has become of a message that is counted. */
    String durability();

    /** Writes messages of this length for so long; returns how many a second were made durable. */
    double messagesPerSecond(int messageBytes, double seconds) throws IOException;
}
