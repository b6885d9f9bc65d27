package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;

/**
 * A place that must serve the repository: a stratum 1, a cache in front of it, the stratum 0 itself, or a client that has mounted it.
 * Immutable.
 *
 * @param name for people: 1 to {@value #MAX_NAME_LENGTH} printable characters without blanks and without {@code =}; of another machine's
 *     mount the name of the machine, any printable characters
 * @param location URL or path of the repository's root, which holds {@code .cvmfspublished}; or a URL followed by {@code at all
 *     addresses} or by {@code through} and a cache; or {@code mount:} and the path where it is mounted; or {@code mount@} for a mount of
 *     another machine
 */
public record Replica(String name, String location) {

    private static final String ELSEWHERE = "mount@";

    /** The longest name, in characters. */
    public static final int MAX_NAME_LENGTH = 100;

    /** @throws InvalidInputException if the name breaks the rule above or the location is blank */
    public Replica {
        boolean isElsewhere = location.startsWith(ELSEWHERE);
        if (name.isEmpty()
                || name.length() > MAX_NAME_LENGTH
                || !name.chars().allMatch(c -> isElsewhere ? !Character.isISOControl(c) : isAllowed(c))) {
            throw new InvalidInputException(
                    "replica name '%s' must be 1 to %d printable characters without blanks and without '='"
                            .formatted(Excerpt.of(name), MAX_NAME_LENGTH));
        }
        if (location.isBlank()) {
            throw new InvalidInputException("replica %s has no URL".formatted(name));
        }
    }

    /** Returns true if it is a mount, which costs nothing to read. */
    boolean isMounted() {
        return location.startsWith("mount:") || isElsewhere();
    }

    /** Returns true if it is a mount of another machine, which has to be asked. */
    boolean isElsewhere() {
        return location.startsWith(ELSEWHERE);
    }

    private static boolean isAllowed(int c) {
        return c > ' ' && c != '=' && !Character.isISOControl(c) && !Character.isWhitespace(c);
    }

    @Override
    public String toString() {
        return name;
    }
}
