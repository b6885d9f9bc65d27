package io.jenkins.plugins.cvmfs.notify.proxy.broker;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.List;
import java.util.UUID;

/** Something for the link's thread to do with the broker. */
sealed interface Order {

    /** Publish an open append, unless it was settled meanwhile. */
    record Append(UUID id) implements Order {}

    /** Publish an append again that no queue took, after binding its key once more. */
    record Reroute(UUID id) implements Order {}

    /** Bind a repository's key, and tell the one who waits for that by this id. */
    record Follow(RepositoryName repository, UUID id) implements Order {}

    /** Publish messages between proxies, in this order. */
    record Send(List<Parcel> parcels) implements Order {}

    /** Bind those keys once more that another proxy has taken away and this one has bound: {@link Outbox#takeRebinds} has their names. */
    record Rebind() implements Order {}

    /** Bind all keys once more: no queue took a probe. */
    record RebindAll() implements Order {}

    /** Look up from waiting. */
    record WakeUp() implements Order {}

    /**
     * A message that no publisher waits for.
     *
     * @param key routing key
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, only passed on
    record Parcel(String key, Label label, byte[] body) {}
}
