package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.waiting.ProgressListener;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import java.util.Optional;

/** The way into the waiting room that all builds share. */
@FunctionalInterface
interface WaitingRoomDoor {

    /**
     * Begins to wait, or goes on. May block.
     *
     * @throws NotifyException if there is no room, or no token for the server
     */
    Wait open(Optional<ServerSettings> server, GateSnapshot known, ProgressListener listener);
}
