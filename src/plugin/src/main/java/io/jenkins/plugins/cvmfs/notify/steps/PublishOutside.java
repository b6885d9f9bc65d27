package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import java.time.Duration;
import java.util.concurrent.Executor;

/** What a publish needs of the world outside. */
interface PublishOutside {

    /** Reads repositories. */
    RepositoryReader reader();

    /**
     * Talks to this server. May block.
     *
     * @throws NotifyException if there is no token for the server
     */
    NotificationPublisher publisher(ServerSettings server, Duration timeLimit);

    /**
     * Reads a file of the build's workspace. May block for as long as the agent takes.
     *
     * @throws NotifyException if there is no workspace, no such file, or it is too long
     */
    byte[] workspaceFile(String path);

    /** The threads that may block. */
    Executor threads();
}
