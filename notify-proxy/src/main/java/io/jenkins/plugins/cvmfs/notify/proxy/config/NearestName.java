package io.jenkins.plugins.cvmfs.notify.proxy.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Guesses which name was meant by one that does not exist. */
final class NearestName {

    /** Of a longer one nobody has mistyped a name, and comparing it would take long. */
    private static final int LONGEST = 100;

    private NearestName() {}

    /** The known name that takes the fewest edits, if these change less than half of it; a forgotten section counts as one. */
    static Optional<String> of(String wrong, Collection<String> known) {
        if (wrong.length() > LONGEST) {
            return Optional.empty();
        }
        return known.stream()
                .min(Comparator.comparingInt(name -> distance(wrong, name)))
                .filter(name -> 2 * distance(wrong, name) < Math.max(name.length(), wrong.length()));
    }

    private static int distance(String wrong, String name) {
        return Math.min(edits(wrong, name), 1 + edits(lastPart(wrong), lastPart(name)));
    }

    private static String lastPart(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** Levenshtein's distance: insertions, deletions and replacements of one character. */
    private static int edits(String from, String to) {
        int[] previous = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int[] current = new int[to.length() + 1];
            current[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = previous[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[to.length()];
    }
}
