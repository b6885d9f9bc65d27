package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.List;
import java.util.UUID;

/** Something for the link's thread to do with the broker. */
sealed interface BrokerCommand {

    /** Publish an open append, unless it was settled meanwhile. */
    record Append(UUID id) implements BrokerCommand {}

    /** Publish an append again that no queue took, after binding its key once more. */
    record Reroute(UUID id) implements BrokerCommand {}

    /** Bind a repository's key, and tell the one who waits for that by this id. */
    record Follow(RepositoryName repository, UUID id) implements BrokerCommand {}

    /** Publish messages between proxies, in this order. */
    record Send(List<Parcel> parcels) implements BrokerCommand {}

    /** Bind those keys once more that another proxy has taken away and this one has bound: {@link BrokerCommands#takeRebinds} has their names. */
    record Rebind() implements BrokerCommand {}

    /** Bind all keys once more: no queue took a probe. */
    record RebindAll() implements BrokerCommand {}

    /** Look up from waiting. */
    record WakeUp() implements BrokerCommand {}

    /**
     * A message that no publisher waits for.
     *
     * @param key routing key
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, only passed on
    record Parcel(String key, MessageProperties label, byte[] body) {}
}
