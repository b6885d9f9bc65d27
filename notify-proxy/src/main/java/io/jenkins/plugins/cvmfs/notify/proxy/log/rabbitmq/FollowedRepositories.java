package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The repositories whose announcements this proxy is to hear. Anybody may subscribe to any name, so names that nobody waits for any
 * more are forgotten again: now and then, and always before there are many of them. From any thread.
 */
final class FollowedRepositories {

    /** How many names may come before those that nobody waits for are looked for. */
    static final int SLACK = 1_000;

    private final Predicate<RepositoryName> awaited;
    private final Set<RepositoryName> names = new LinkedHashSet<>();
    private int nextLook = SLACK;
    private volatile long changes;

    /** @param awaited whether anybody waits for a repository's announcements, or it has been announced; cheap, from any thread */
    FollowedRepositories(Predicate<RepositoryName> awaited) {
        this.awaited = awaited;
    }

    /**
     * Adds a repository. Whoever waits for it must be seen by the predicate before: then it is not forgotten, whatever other
     * threads do meanwhile.
     */
    synchronized void add(RepositoryName repository) {
        if (names.add(repository)) {
            changes++;
            if (names.size() > nextLook) {
                forgetUnawaited();
            }
        }
    }

    synchronized void addAll(Collection<RepositoryName> repositories) {
        repositories.forEach(this::add);
    }

    /** Forgets the names that nobody waits for. */
    synchronized void forgetUnawaited() {
        if (names.removeIf(awaited.negate())) {
            changes++;
        }
        nextLook = names.size() + SLACK;
    }

    /** Whether it is among them, or should be. */
    synchronized boolean needs(RepositoryName repository) {
        return names.contains(repository) || awaited.test(repository);
    }

    /** All of them, in the order in which they were added. */
    synchronized List<RepositoryName> all() {
        return new ArrayList<>(names);
    }

    synchronized int size() {
        return names.size();
    }

    /** Another number whenever names were added or forgotten. */
    long changes() {
        return changes;
    }
}
