package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LastValues;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry.Recency;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerCommands.OutgoingMessage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The messages by which proxies in queue mode catch up with what they missed while they were not connected. A proxy that has just bound
 * its queue asks all others with a digest of what it knows. Each answers with what is newer; and if the asker knows something newer, asks
 * back. So after a partition all know the newest. From any thread.
 */
final class PeerSync {

    private final UUID session;
    private final LastValues lastValues;

    /** @param session names this proxy's queue for as long as it is connected */
    PeerSync(UUID session, LastValues lastValues) {
        this.session = session;
        this.lastValues = lastValues;
    }

    /** Asks all others for what this proxy does not know. */
    OutgoingMessage question() {
        return question(RoutingKeys.CATCH_UP, Digest.of(lastValues));
    }

    /** Asks all others about these repositories only. */
    OutgoingMessage question(List<RepositoryName> repositories) {
        return question(RoutingKeys.CATCH_UP, Digest.of(lastValues, repositories));
    }

    private OutgoingMessage question(String key, Digest digest) {
        return new OutgoingMessage(
                key, MessageProperties.question(session, null, RoutingKeys.reply(session)), digest.encode());
    }

    /**
     * Answers a question.
     *
     * @param replyTo the asker's key
     * @param mayAskBack whether the question went to all: a question that was asked back is not asked back again
     */
    List<OutgoingMessage> answer(Digest digest, String replyTo, boolean mayAskBack) {
        List<OutgoingMessage> outgoing = new ArrayList<>();
        lastValues.all().stream()
                .filter(digest::lacks)
                .map(entry -> copy(replyTo, entry))
                .forEach(outgoing::add);
        lastValues.forgotten().stream()
                .filter(digest::remembers)
                .map(order -> copy(replyTo, order))
                .forEach(outgoing::add);
        if (mayAskBack && digest.isAheadOf(lastValues)) {
            outgoing.add(question(replyTo, Digest.of(lastValues)));
        }
        return outgoing;
    }

    /** Orders to forget a repository; its id is acknowledged when that is done. */
    static OutgoingMessage forgotten(String key, Forgotten order) {
        return new OutgoingMessage(
                key, MessageProperties.announcement(order.idOrNull(), order.at(), Optional.empty()), order.toBytes());
    }

    /** Repeats an order to forget, under this key. */
    static OutgoingMessage copy(String key, Forgotten order) {
        OutgoingMessage original = forgotten(key, order);
        return new OutgoingMessage(key, original.properties().asCopy(), original.body());
    }

    /** Publishes an entry again, under this key. */
    static OutgoingMessage copy(String key, LogEntry entry) {
        MessageProperties properties = MessageProperties.announcement(
                        entry.idOrNull(), entry.announcedAt(), Optional.empty())
                .asCopy();
        return new OutgoingMessage(
                key, properties, entry.announcement().message().raw());
    }

    /** Publishes an entry again, to be kept by the stream. */
    static OutgoingMessage copyToStream(LogEntry entry) {
        return copy(RoutingKeys.of(entry.repository()), entry);
    }

    /**
     * A summary of what one proxy knows of each repository: when its last announcement was accepted, and its id. As text: a first line
     * {@code all} or {@code some}, then one line {@code NAME MILLISECONDS ID} for each repository, {@code -} for no id.
     *
     * @param isComplete whether a repository that is not in it is unknown to the sender, or just not asked for
     */
    record Digest(boolean isComplete, Map<RepositoryName, Recency> known) {

        private static final Recency NOTHING = new Recency(Instant.EPOCH, null);

        /** Summarizes all that is known. */
        static Digest of(LastValues lastValues) {
            return new Digest(
                    true, lastValues.all().stream().collect(Collectors.toMap(LogEntry::repository, LogEntry::recency)));
        }

        /** Summarizes what is known of these repositories. */
        static Digest of(LastValues lastValues, Collection<RepositoryName> repositories) {
            return new Digest(
                    false,
                    repositories.stream()
                            .collect(Collectors.toMap(name -> name, name -> recency(lastValues, name), (a, b) -> a)));
        }

        private static Recency recency(LastValues lastValues, RepositoryName repository) {
            return lastValues.of(repository).map(LogEntry::recency).orElse(NOTHING);
        }

        /** Returns whether this entry is newer than what the sender knows. */
        boolean lacks(LogEntry entry) {
            Recency theirs = known.get(entry.repository());
            return theirs == null ? isComplete : entry.recency().compareTo(theirs) > 0;
        }

        /** Returns whether the sender knows an announcement of this repository from before it was forgotten. */
        boolean remembers(Forgotten order) {
            Recency theirs = known.get(order.repository());
            return theirs != null
                    && theirs.announcedAt().isAfter(Instant.EPOCH)
                    && !theirs.announcedAt().isAfter(order.at());
        }

        /** Returns whether the sender knows something newer than these values. */
        boolean isAheadOf(LastValues lastValues) {
            return known.entrySet().stream()
                    .anyMatch(theirs -> theirs.getValue().compareTo(recency(lastValues, theirs.getKey())) > 0);
        }

        byte[] encode() {
            StringBuilder text = new StringBuilder(isComplete ? "all" : "some");
            known.forEach((repository, recency) -> text.append('\n')
                    .append(repository)
                    .append(' ')
                    .append(recency.announcedAt().toEpochMilli())
                    .append(' ')
                    .append(recency.idOrNull() == null ? "-" : recency.idOrNull()));
            return text.toString().getBytes(US_ASCII);
        }

        /** Empty if these bytes are no digest. */
        static Optional<Digest> decode(byte[] bytes) {
            String[] lines = new String(bytes, US_ASCII).split("\n", -1);
            if (!lines[0].equals("all") && !lines[0].equals("some")) {
                return Optional.empty();
            }
            try {
                Map<RepositoryName, Recency> known = new HashMap<>();
                for (int i = 1; i < lines.length; i++) {
                    String[] fields = lines[i].split(" ", -1);
                    known.put(new RepositoryName(fields[0]), recency(fields));
                }
                return Optional.of(new Digest(lines[0].equals("all"), known));
            } catch (InvalidInputException
                    | IllegalArgumentException
                    | NoSuchElementException
                    | ArrayIndexOutOfBoundsException notOurs) {
                return Optional.empty();
            }
        }

        private static Recency recency(String[] fields) {
            Instant announcedAt = Recency.time(Long.parseLong(fields[1])).orElseThrow();
            return new Recency(announcedAt, fields[2].equals("-") ? null : UUID.fromString(fields[2]));
        }
    }
}
