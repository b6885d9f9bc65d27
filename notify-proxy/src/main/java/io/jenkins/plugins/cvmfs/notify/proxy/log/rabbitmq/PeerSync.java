package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LastValues;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerCommand.Parcel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How proxies in queue mode tell each other what one of them missed while it was not connected. One that has just bound its queue
 * asks all others with a digest of what it knows. Each answers with what is news to the asker; and if the asker knows more about
 * something, asks back. So after a time in which each was alone for a while, all know the newest. Any thread.
 */
final class PeerSync {

    private final UUID session;
    private final LastValues lastValues;

    /** @param session names this proxy's queue for as long as it is connected */
    PeerSync(UUID session, LastValues lastValues) {
        this.session = session;
        this.lastValues = lastValues;
    }

    /** Asks all others for whatever this proxy does not know. */
    Parcel question() {
        return question(RoutingKeys.CATCH_UP, Digest.of(lastValues));
    }

    /** Asks all others about these repositories only. */
    Parcel question(List<RepositoryName> repositories) {
        return question(RoutingKeys.CATCH_UP, Digest.of(lastValues, repositories));
    }

    private Parcel question(String key, Digest digest) {
        return new Parcel(key, MessageProperties.question(session, null, RoutingKeys.reply(session)), digest.encode());
    }

    /**
     * What to send to one who asked.
     *
     * @param replyTo the asker's key
     * @param mayAskBack whether the question went to everyone: one that was itself asked back is not asked back again
     */
    List<Parcel> answer(Digest digest, String replyTo, boolean mayAskBack) {
        List<Parcel> parcels = new ArrayList<>();
        lastValues.all().stream()
                .filter(digest::lacks)
                .map(entry -> copy(replyTo, entry))
                .forEach(parcels::add);
        lastValues.forgotten().stream()
                .filter(digest::remembers)
                .map(order -> forgotten(replyTo, null, order))
                .forEach(parcels::add);
        if (mayAskBack && digest.isAheadOf(lastValues)) {
            parcels.add(question(replyTo, Digest.of(lastValues)));
        }
        return parcels;
    }

    /**
     * That a repository is to be forgotten.
     *
     * @param id of this order; null if it is only repeated to somebody who missed it
     */
    static Parcel forgotten(String key, @Nullable UUID id, Forgotten order) {
        return new Parcel(key, MessageProperties.announcement(id, order.at(), Optional.empty()), order.toBytes());
    }

    /** An entry to be published once more under this key. */
    static Parcel copy(String key, LogEntry entry) {
        MessageProperties label = MessageProperties.announcement(
                        entry.idOrNull(), entry.announcedAt(), Optional.empty())
                .asCopy();
        return new Parcel(key, label, entry.announcement().message().raw());
    }
}
