package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.Forgotten;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LastValues;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry.Recency;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * What one proxy knows of each repository, small enough to send around: when its last announcement was accepted, and its id. As
 * text: a first line {@code all} or {@code some}, then one line {@code NAME MILLISECONDS ID} for each repository, {@code -} for no
 * id.
 *
 * @param isComplete whether a repository that is not in it is not known at all, or just not asked for
 */
record Digest(boolean isComplete, Map<RepositoryName, Recency> known) {

    private static final Recency NOTHING = new Recency(Instant.EPOCH, null);

    /** All that is known. */
    static Digest of(LastValues lastValues) {
        return new Digest(
                true, lastValues.all().stream().collect(Collectors.toMap(LogEntry::repository, LogEntry::recency)));
    }

    /** What is known of these repositories. */
    static Digest of(LastValues lastValues, Collection<RepositoryName> repositories) {
        return new Digest(
                false,
                repositories.stream()
                        .collect(Collectors.toMap(name -> name, name -> recency(lastValues, name), (a, b) -> a)));
    }

    private static Recency recency(LastValues lastValues, RepositoryName repository) {
        return lastValues.of(repository).map(LogEntry::recency).orElse(NOTHING);
    }

    /** Whether this entry is news to the digest's sender. */
    boolean lacks(LogEntry entry) {
        Recency theirs = known.get(entry.repository());
        return theirs == null ? isComplete : entry.recency().compareTo(theirs) > 0;
    }

    /** Whether the digest's sender knows an announcement of this repository from before it was forgotten. */
    boolean remembers(Forgotten order) {
        Recency theirs = known.get(order.repository());
        return theirs != null
                && theirs.announcedAt().isAfter(Instant.EPOCH)
                && !theirs.announcedAt().isAfter(order.at());
    }

    /** Whether the digest's sender has news for the owner of these values. */
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
