package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What one session reads announcements from, and how it makes up for what was announced while there was no session. */
sealed interface BrokerConsumer permits QueueConsumer, StreamConsumer {

    /** {@code queue} or {@code stream}. */
    String kind();

    /** The queue that repositories' keys are to be bound to. */
    String queue();

    /** The keys to be bound to that queue besides those of repositories and the probe. */
    List<String> keys();

    /** A key that no other proxy binds, for messages that are not read. */
    String probeKey();

    /** Begins to read, and asks for what was missed. On the link's thread, after the keys are bound. */
    void begin(ConfirmingPublisher publisher) throws IOException;

    /** Makes up for what was announced of these repositories before their keys were bound. On the link's thread. */
    void added(List<RepositoryName> repositories, ConfirmingPublisher publisher) throws IOException;

    /** The keys of these repositories are no longer bound; whom else that may concern is told. On the link's thread. */
    void removed(List<RepositoryName> repositories, ConfirmingPublisher publisher) throws IOException;

    /** Looks after its reading: acknowledges, and finds out whether it has come to a standstill. Every second or so, on the link's thread. */
    void check() throws IOException;

    /** Whether what was missed has been delivered, and new announcements are. From any thread. */
    boolean isCaughtUp();

    /** How long nothing has been delivered. From any thread. */
    Duration silence();

    /** The epoch of the stream, once it is known; empty for a queue. From any thread. */
    Optional<String> epoch();
}
