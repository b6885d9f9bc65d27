package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The condition that a gate waits for: the required number of replicas serve the target before the deadline. Immutable.
 *
 * @param replicas 1 to {@value #MAX_REPLICAS}, with different names; of a group those that are present now, from none to {@value
 *     #MAX_MEMBERS}
 * @param deadline the first instant that is too late
 * @param publishedAt when the target was published, by its manifest; null if unknown. If given, the revision is known to exist,
 *     so that replicas behind it are read more often, and a rollback before the gate was opened is detected
 * @param group null if the replicas stay the same until the end
 */
public record Condition(
        RepositoryName repository,
        Target target,
        List<Replica> replicas,
        Requirement requirement,
        StalePolicy onStale,
        Instant deadline,
        @Nullable Instant publishedAt,
        @Nullable Group group) {

    /**
     * Places that come and go, such as the build agents that are online. The gate is told of them by {@link GateEvent.Members}.
     *
     * @param noun what they are, in the plural, such as {@code agents}
     * @param selected what they have in common, such as {@code online with label 'cvmfs-client'}
     * @param absent what people should know of those that are not present, one phrase; null if nothing
     */
    public record Group(
            String noun, String selected, @Nullable String absent) {
        @Override
        public String toString() {
            return noun + " " + selected;
        }
    }

    /** The most replicas one gate watches. */
    public static final int MAX_REPLICAS = 100;

    /** The most members of a group that one gate watches. */
    public static final int MAX_MEMBERS = 1000;

    /** Prevents overflows. */
    private static final Instant LAST_DEADLINE = Instant.parse("9999-12-31T23:59:59Z");

    /**
     * @throws InvalidInputException if there are no replicas or too many, two have the same name, more are required than named,
     *     or the deadline is not between 1970 and 9999
     */
    public Condition {
        replicas = List.copyOf(replicas);
        if (group == null ? replicas.isEmpty() || replicas.size() > MAX_REPLICAS : replicas.size() > MAX_MEMBERS) {
            throw new InvalidInputException("%d replicas are named, allowed are 1 to %d"
                    .formatted(replicas.size(), group == null ? MAX_REPLICAS : MAX_MEMBERS));
        }
        Set<String> names = new HashSet<>();
        for (Replica replica : replicas) {
            if (!names.add(replica.name())) {
                throw new InvalidInputException("replica %s is named twice".formatted(replica));
            }
        }
        if (group == null) {
            requirement.of(replicas.size());
        }
        if (deadline.isBefore(Instant.EPOCH) || deadline.isAfter(LAST_DEADLINE)) {
            throw new InvalidInputException("deadline %s is not between 1970 and 9999".formatted(deadline));
        }
    }

    /** Waits for replicas that stay the same. */
    public Condition(
            RepositoryName repository,
            Target target,
            List<Replica> replicas,
            Requirement requirement,
            StalePolicy onStale,
            Instant deadline,
            @Nullable Instant publishedAt) {
        this(repository, target, replicas, requirement, onStale, deadline, publishedAt, null);
    }

    /** Returns how many replicas must serve the target. */
    public int needed() {
        return group == null ? requirement.of(replicas.size()) : requirement.ofChanging(replicas.size());
    }

    /** Returns what the replicas are, in the plural. */
    public String noun() {
        return group == null ? "replicas" : group.noun();
    }

    /** Returns the condition with the members that are present now. */
    Condition withMembers(List<Replica> present, @Nullable String absent) {
        Group changed = group == null ? null : new Group(group.noun(), group.selected(), absent);
        return new Condition(repository, target, present, requirement, onStale, deadline, publishedAt, changed);
    }

    /** Returns the condition with what a replica's manifest adds: the target's revision number, and an earlier publication. */
    Condition learn(ManifestSummary served) {
        Target known = target.learn(served);
        Instant published = served.publishedAt();
        boolean earlier = published != null && (publishedAt == null || published.isBefore(publishedAt));
        return new Condition(
                repository,
                known,
                replicas,
                requirement,
                onStale,
                deadline,
                earlier && known.isMetBy(served) ? published : publishedAt,
                group);
    }

    /** Returns a phrase such as {@code revision 7 or newer of sw.example.org on all 3 replicas}. */
    @Override
    public String toString() {
        if (group != null) {
            String how = requirement.equals(Requirement.MAJORITY) ? "most" : requirement.text();
            return "%s of %s on %s %s".formatted(target, repository, how, group);
        }
        int named = replicas.size();
        String where = named == 1
                ? replicas.get(0).name()
                : needed() == named ? "all " + named + " replicas" : needed() + " of " + named + " replicas";
        return target + " of " + repository + " on " + where;
    }
}
