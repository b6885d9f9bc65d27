package io.jenkins.plugins.cvmfs.notify.client.manifest;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;

/**
 * A fully qualified repository name such as {@code atlas.cern.ch}: 1 to {@value #MAX_LENGTH} characters of ASCII letters,
 * digits, {@code .}, {@code _} and {@code -}, the first a letter or digit. These are the rules by which {@code cvmfs_server}
 * creates repositories.
 */
public record RepositoryName(String value) implements Comparable<RepositoryName> {

    /** The longest name {@code cvmfs_server} accepts, in characters. */
    public static final int MAX_LENGTH = 60;

    /** @throws InvalidInputException if the name breaks one of the rules above; the message says which */
    public RepositoryName {
        if (value.isEmpty() || value.length() > MAX_LENGTH) {
            throw new InvalidInputException("repository name '%s' has %d characters, allowed are 1 to %d"
                    .formatted(Excerpt.of(value), value.length(), MAX_LENGTH));
        }
        for (int i = 0; i < value.length(); i++) {
            if (!isAllowed(value.charAt(i), i == 0)) {
                throw new InvalidInputException(
                        ("repository name '%s' has a character at position %d that is not allowed; allowed are letters, digits,"
                                        + " and after the first character also '.', '_' and '-'")
                                .formatted(Excerpt.of(value), i + 1));
            }
        }
    }

    private static boolean isAllowed(char c, boolean first) {
        boolean alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return alphanumeric || (!first && (c == '.' || c == '_' || c == '-'));
    }

    @Override
    public int compareTo(RepositoryName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
