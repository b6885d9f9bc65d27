package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Names repositories: an exact name, or one with {@code *} for any characters, dots among them, such as {@code *.example.org}.
 *
 * @param text as it stands in the configuration
 */
public record RepositoryPattern(String text) {

    /** More are of no use, and cost time at each publish. */
    private static final int MAX_STARS = 2;

    private static final int MAX_LENGTH = RepositoryName.MAX_LENGTH + MAX_STARS;
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._*-]{1," + MAX_LENGTH + "}");

    /** @throws InvalidInputException if no repository can have such a name */
    public RepositoryPattern {
        long stars = text.chars().filter(letter -> letter == '*').count();
        if (!FORM.matcher(text).matches() || stars > MAX_STARS) {
            throw new InvalidInputException(
                    "'%s' is not a repository's name, or one with up to %d '*' for any characters"
                            .formatted(Excerpt.of(text), MAX_STARS));
        }
    }

    /** Returns whether it names one repository only. */
    public boolean isExact() {
        return text.indexOf('*') < 0;
    }

    /** Returns whether it names this repository. */
    public boolean matches(RepositoryName name) {
        return matches(text, name.value());
    }

    /** Tells whether a value has the form of a pattern, in time in proportion to the value, which may come from strangers. */
    static boolean matches(String pattern, String value) {
        String[] parts = pattern.split("\\*", -1);
        String last = parts[parts.length - 1];
        if (parts.length == 1) {
            return pattern.equals(value);
        }
        if (!value.startsWith(parts[0])) {
            return false;
        }
        int end = parts[0].length();
        for (int i = 1; i < parts.length - 1; i++) {
            int found = value.indexOf(parts[i], end);
            if (found < 0) {
                return false;
            }
            end = found + parts[i].length();
        }
        return value.length() - last.length() >= end && value.endsWith(last);
    }

    /**
     * Returns the entry for a repository: the one with its exact name, else the first pattern that matches; empty if there is none.
     *
     * @param name returns which repositories an entry is for
     */
    public static <T> Optional<T> best(
            List<T> entries, Function<? super T, RepositoryPattern> name, RepositoryName repository) {
        return entries.stream()
                .filter(entry ->
                        name.apply(entry).isExact() && name.apply(entry).matches(repository))
                .findFirst()
                .or(() -> entries.stream()
                        .filter(entry -> name.apply(entry).matches(repository))
                        .findFirst());
    }

    @Override
    public String toString() {
        return text;
    }
}
