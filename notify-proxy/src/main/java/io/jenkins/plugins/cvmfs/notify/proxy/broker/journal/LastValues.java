package io.jenkins.plugins.cvmfs.notify.proxy.broker.journal;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The last entry of each repository, in the order they were recorded. Written by the ledger's thread, read by any. */
public final class LastValues {

    private final Map<RepositoryName, Entry> byRepository = new LinkedHashMap<>();

    LastValues(List<Entry> oldestFirst) {
        oldestFirst.forEach(this::put);
    }

    final synchronized void put(Entry entry) {
        byRepository.remove(entry.repository());
        byRepository.put(entry.repository(), entry);
    }

    /** The last entry of a repository. */
    public synchronized Optional<Entry> of(RepositoryName repository) {
        return Optional.ofNullable(byRepository.get(repository));
    }

    /** The last entry of every repository, in the order they were recorded. */
    public synchronized List<Entry> all() {
        return List.copyOf(byRepository.values());
    }

    /** How many repositories have been announced. */
    public synchronized int size() {
        return byRepository.size();
    }

    /**
     * The time to give to the next announcement of a repository: the clock's, but always after the last one's. So the order of
     * a repository's announcements shows in their times, also if they went through proxies whose clocks differ a little.
     */
    public Instant nextTime(RepositoryName repository, Instant now) {
        Instant millis = now.truncatedTo(ChronoUnit.MILLIS);
        return of(repository)
                .map(last -> last.announcedAt().plusMillis(1))
                .filter(after -> after.isAfter(millis))
                .orElse(millis);
    }
}
