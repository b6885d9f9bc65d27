package io.jenkins.plugins.cvmfs.notify.proxy.webhook;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Announcements whose revision replicas are still to serve, for one webhook: of each repository the oldest and the newest, as in a hold, so
 * that one that is published all the time is told of some revision. A rollback takes the place of both, since what was before it is not to
 * be served any more. Confined to the thread of its queue.
 */
final class AwaitedRevisions {

    /**
     * One of them.
     *
     * @param id of its message
     * @param isRollback whether a higher revision may be older
     * @param until when it is given up, by the queue's clock in nanoseconds
     */
    record Awaited(Announcement announcement, String id, boolean isRollback, long until) {

        RepositoryName repository() {
            return announcement.message().repository();
        }
    }

    /** Both are the same if there is one only. */
    private record Pair(Awaited first, Awaited newest) {

        /** Returns how many of both are others than this one. */
        int others(Awaited than) {
            return (int) Stream.of(first, newest)
                    .map(Awaited::id)
                    .distinct()
                    .filter(id -> !id.equals(than.id()))
                    .count();
        }
    }

    private final Map<RepositoryName, Pair> pairs = new HashMap<>();

    /** Returns the number of repositories. */
    int size() {
        return pairs.size();
    }

    /** Returns the repositories. */
    List<RepositoryName> repositories() {
        return List.copyOf(pairs.keySet());
    }

    boolean isNewest(RepositoryName repository, String id) {
        Pair pair = pairs.get(repository);
        return pair != null && pair.newest().id().equals(id);
    }

    /** Adds the newest of its repository; returns how many gave way to it. */
    int add(Awaited added) {
        Pair before = pairs.get(added.repository());
        if (before == null || added.isRollback() || before.first().isRollback()) {
            pairs.put(added.repository(), new Pair(added, added));
            return before == null ? 0 : before.others(added);
        }
        pairs.put(added.repository(), new Pair(before.first(), added));
        return before.others(before.first());
    }

    /**
     * Takes the newest that can be read.
     *
     * @param replaced called with the number of those that give way to it
     */
    Optional<Awaited> take(RepositoryName repository, Predicate<Awaited> isReadable, IntConsumer replaced) {
        Pair pair = pairs.get(repository);
        if (pair == null) {
            return Optional.empty();
        }
        if (isReadable.test(pair.newest())) {
            pairs.remove(repository);
            replaced.accept(pair.others(pair.newest()));
            return Optional.of(pair.newest());
        }
        if (pair.others(pair.newest()) > 0 && isReadable.test(pair.first())) {
            pairs.put(repository, new Pair(pair.newest(), pair.newest()));
            return Optional.of(pair.first());
        }
        return Optional.empty();
    }

    /** Takes the newest of each repository whose time is over. */
    List<Awaited> takeOverdue(long now) {
        List<Awaited> overdue = new ArrayList<>();
        pairs.values().removeIf(pair -> {
            boolean isOver = pair.newest().until() - now <= 0;
            if (isOver) {
                overdue.add(pair.newest());
            }
            return isOver;
        });
        return overdue;
    }

    /** Returns the time until the next is overdue; empty if there is none. */
    OptionalLong soonest(long now) {
        return pairs.values().stream()
                .mapToLong(pair -> pair.newest().until() - now)
                .min();
    }

    void forget(RepositoryName repository) {
        pairs.remove(repository);
    }

    void clear() {
        pairs.clear();
    }
}
