package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalFormat.JournalRecord;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogEntry.Recency;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The last entry of each repository, in the order they were recorded: as many as the limits allow, the newest ones. Written by the
 * recording thread, read by any.
 */
public final class LastValues {

    private final RepositoryLimits limits;
    private final Map<RepositoryName, LogEntry> byRepository = new LinkedHashMap<>();
    /** When repositories were forgotten that have not been announced since, the oldest first. */
    private final Map<RepositoryName, Instant> forgotten = new LinkedHashMap<>();

    private long bytes;

    /**
     * @param limits how many there may be, and how long they may be together
     * @param oldestFirst what is known; of a repository the last counts
     */
    public LastValues(RepositoryLimits limits, List<LogEntry> oldestFirst) {
        this.limits = limits;
        oldestFirst.forEach(this::put);
    }

    /** Returns the repositories that were dropped to make room, those recorded longest ago. */
    final synchronized List<RepositoryName> put(LogEntry entry) {
        remove(entry.repository());
        forgotten.remove(entry.repository());
        byRepository.put(entry.repository(), entry);
        bytes += entry.body().length;
        if (!isOverLimit()) {
            return List.of();
        }
        List<RepositoryName> dropped = new ArrayList<>();
        while (isOverLimit()) {
            RepositoryName oldest = byRepository.keySet().iterator().next();
            remove(oldest);
            dropped.add(oldest);
        }
        return dropped;
    }

    /** Forgets a repository, and remembers that. */
    final synchronized void forget(Forgotten order) {
        remove(order.repository());
        forgotten.remove(order.repository());
        forgotten.put(order.repository(), order.at());
        if (forgotten.size() > limits.maxRepositories()) {
            forgotten.remove(forgotten.keySet().iterator().next());
        }
    }

    /** Returns the repositories that were forgotten and not announced since, as many as there may be repositories. */
    public synchronized List<Forgotten> forgotten() {
        return forgotten.entrySet().stream()
                .map(each -> new Forgotten(each.getKey(), each.getValue()))
                .toList();
    }

    /** Returns whether no announcement, and no other order, is known that came after this order. */
    public synchronized boolean isInForce(Forgotten order) {
        return of(order.repository())
                .map(LogEntry::announcedAt)
                .or(() -> forgottenAt(order.repository()))
                .filter(at -> at.isAfter(order.at()))
                .isEmpty();
    }

    /** Returns when a repository was forgotten; empty if it was not, or has been announced since. */
    synchronized Optional<Instant> forgottenAt(RepositoryName repository) {
        return Optional.ofNullable(forgotten.get(repository));
    }

    /** Returns all that a journal must hold. */
    synchronized List<JournalRecord> records() {
        List<JournalRecord> records = new ArrayList<>(forgotten());
        records.addAll(byRepository.values());
        return records;
    }

    /** One entry alone always fits. */
    private boolean isOverLimit() {
        return byRepository.size() > limits.maxRepositories()
                || (bytes > limits.maxLastValueBytes() && byRepository.size() > 1);
    }

    private void remove(RepositoryName repository) {
        LogEntry removed = byRepository.remove(repository);
        if (removed != null) {
            bytes -= removed.body().length;
        }
    }

    /** The limits on the number of last values and on their length together. */
    public RepositoryLimits limits() {
        return limits;
    }

    /** Returns the last entry of a repository. */
    public synchronized Optional<LogEntry> of(RepositoryName repository) {
        return Optional.ofNullable(byRepository.get(repository));
    }

    /** Returns the last entry of every repository, in the order they were recorded. */
    public synchronized List<LogEntry> all() {
        return List.copyOf(byRepository.values());
    }

    /**
     * Returns the entry with the highest position in the stream that was read last; empty if no stream was read.
     *
     * @param ownEpoch the epoch of the positions that this proxy assigns
     */
    public Optional<LogEntry> lastOfStream(String ownEpoch) {
        List<LogEntry> ofStreams = all().stream()
                .filter(entry -> !entry.position().epoch().equals(ownEpoch))
                .toList();
        if (ofStreams.isEmpty()) {
            return Optional.empty();
        }
        String epoch = ofStreams.get(ofStreams.size() - 1).position().epoch();
        return ofStreams.stream()
                .filter(entry -> entry.position().epoch().equals(epoch))
                .max(Comparator.comparingLong(entry -> entry.position().offset()));
    }

    /** The number of repositories that have a last value. */
    public synchronized int size() {
        return byRepository.size();
    }

    /**
     * Returns the time for the next announcement of a repository: the clock's, but always after the last one's. So a repository's
     * announcements are ordered by their times, also if they went through proxies whose clocks differ a little. The latest time that
     * can be written is followed by that time again.
     */
    public Instant nextTime(RepositoryName repository, Instant now) {
        Instant millis = now.truncatedTo(ChronoUnit.MILLIS);
        Instant next = of(repository)
                .map(LogEntry::announcedAt)
                .or(() -> forgottenAt(repository))
                .map(last -> last.plusMillis(1))
                .filter(after -> after.isAfter(millis))
                .orElse(millis);
        return Recency.nearestTime(next);
    }
}
