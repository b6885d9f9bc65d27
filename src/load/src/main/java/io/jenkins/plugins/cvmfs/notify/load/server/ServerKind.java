package io.jenkins.plugins.cvmfs.notify.load.server;

import java.io.IOException;

/** A server that can be started. */
public interface ServerKind {

    /** What tables call it. */
    String title();

    /** What became of a message when a publish is answered with success. */
    String durability();

    /** Starts one; returns once it accepts connections. */
    Server start() throws IOException;
}
