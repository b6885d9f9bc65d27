package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
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
 * ledger's thread, read by any.
 */
public final class LastValues {

    private final RepositoryLimits limits;
    private final Map<RepositoryName, LogEntry> byRepository = new LinkedHashMap<>();
    /** When those were forgotten that were, the oldest first; those that were announced again since are not among them. */
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

    /** Returns the repositories that were forgotten to make room, those recorded longest ago. */
    final synchronized List<RepositoryName> put(LogEntry entry) {
        remove(entry.repository());
        forgotten.remove(entry.repository());
        byRepository.put(entry.repository(), entry);
        bytes += length(entry);
        if (!isOverLimit()) {
            return List.of();
        }
        List<RepositoryName> forgotten = new ArrayList<>();
        while (isOverLimit()) {
            RepositoryName oldest = byRepository.keySet().iterator().next();
            remove(oldest);
            forgotten.add(oldest);
        }
        return forgotten;
    }

    /** Takes what a journal holds. Returns what {@link #put} does. */
    final List<RepositoryName> recover(JournalRecord recorded) {
        if (recorded instanceof LogEntry entry) {
            return put(entry);
        }
        forget((Forgotten) recorded);
        return List.of();
    }

    /** Forgets a repository, and remembers that it did. */
    final synchronized void forget(Forgotten order) {
        remove(order.repository());
        forgotten.remove(order.repository());
        forgotten.put(order.repository(), order.at());
        if (forgotten.size() > limits.maxRepositories()) {
            forgotten.remove(forgotten.keySet().iterator().next());
        }
    }

    /** The repositories that were forgotten and not announced again, as many as there may be repositories. */
    public synchronized List<Forgotten> forgotten() {
        return forgotten.entrySet().stream()
                .map(each -> new Forgotten(each.getKey(), each.getValue()))
                .toList();
    }

    /** When a repository was forgotten, if it was and has not been announced again. */
    synchronized Optional<Instant> forgottenAt(RepositoryName repository) {
        return Optional.ofNullable(forgotten.get(repository));
    }

    /** All that a journal must hold. */
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
            bytes -= length(removed);
        }
    }

    private static int length(LogEntry entry) {
        return entry.announcement().message().raw().length;
    }

    /** How many there may be, and how long they may be together. */
    public RepositoryLimits limits() {
        return limits;
    }

    /** The last entry of a repository. */
    public synchronized Optional<LogEntry> of(RepositoryName repository) {
        return Optional.ofNullable(byRepository.get(repository));
    }

    /** The last entry of every repository, in the order they were recorded. */
    public synchronized List<LogEntry> all() {
        return List.copyOf(byRepository.values());
    }

    /**
     * The entry that stands last in the log which was read last, other than this proxy's own; empty if there is none.
     *
     * @param ownEpoch the epoch of the positions that this proxy gives out itself
     */
    public Optional<LogEntry> lastReadElsewhere(String ownEpoch) {
        List<LogEntry> elsewhere = all().stream()
                .filter(entry -> !entry.position().epoch().equals(ownEpoch))
                .toList();
        if (elsewhere.isEmpty()) {
            return Optional.empty();
        }
        String epoch = elsewhere.get(elsewhere.size() - 1).position().epoch();
        return elsewhere.stream()
                .filter(entry -> entry.position().epoch().equals(epoch))
                .max(Comparator.comparingLong(entry -> entry.position().offset()));
    }

    /** How many repositories have been announced. */
    public synchronized int size() {
        return byRepository.size();
    }

    /**
     * The time to give to the next announcement of a repository: the clock's, but always after the last one's. So the order of a
     * repository's announcements shows in their times, also if they went through proxies whose clocks differ a little. After the latest time that can be written down comes that time
     * again.
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
