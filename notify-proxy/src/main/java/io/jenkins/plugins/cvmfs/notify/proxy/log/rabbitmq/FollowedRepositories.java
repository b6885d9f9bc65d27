package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The repositories whose announcements this proxy asks for. Every client may subscribe to any name, so names that are no longer awaited are
 * forgotten again: now and then, and always before there are many of them. From any thread.
 */
final class FollowedRepositories {

    /** The number of names that may be added before those that are not awaited are forgotten. */
    static final int SLACK = 1_000;

    private final Predicate<RepositoryName> awaited;
    private final Set<RepositoryName> names = new LinkedHashSet<>();
    private int nextLook = SLACK;
    private volatile long changes;

    /** @param awaited whether there is a subscriber of a repository, or it has been announced; cheap, from any thread */
    FollowedRepositories(Predicate<RepositoryName> awaited) {
        this.awaited = awaited;
    }

    /**
     * Adds a repository. The predicate must know its subscriber before: then it is not forgotten, whatever other threads do
     * meanwhile.
     */
    synchronized void add(RepositoryName repository) {
        if (names.add(repository)) {
            changes++;
            if (names.size() > nextLook) {
                forgetUnawaited();
            }
        }
    }

    /** Forgets the names that are not awaited. */
    synchronized void forgetUnawaited() {
        if (names.removeIf(awaited.negate())) {
            changes++;
        }
        nextLook = names.size() + SLACK;
    }

    /** Returns whether it is followed, or should be. */
    synchronized boolean needs(RepositoryName repository) {
        return names.contains(repository) || awaited.test(repository);
    }

    /** Returns all of them, in the order in which they were added. */
    synchronized List<RepositoryName> all() {
        return new ArrayList<>(names);
    }

    synchronized int size() {
        return names.size();
    }

    /** A number that changes whenever names are added or forgotten. */
    long changes() {
        return changes;
    }
}
