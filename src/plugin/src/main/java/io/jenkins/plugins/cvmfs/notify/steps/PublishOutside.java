package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher;
import io.jenkins.plugins.cvmfs.notify.client.transport.PublisherSettings;
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
     * @param retries hears of each attempt that is followed by another
     * @throws NotifyException if there is no token for the server
     */
    NotificationPublisher publisher(ServerSettings server, Duration timeLimit, PublisherSettings.RetryListener retries);

    /**
     * Reads a file of the build's workspace. May block while the agent takes its time.
     *
     * @throws InvalidInputException if there is no workspace, no such file, or it is too long
     * @throws TransientFailureException if the agent is away or does not answer
     */
    byte[] workspaceFile(String path);

    /** The threads that may block. */
    Executor threads();

    /** Nothing is needed any more. Does not block; again: does nothing. */
    void release();
}
