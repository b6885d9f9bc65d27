package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigException.ConfigProblem;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Origin.Layer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The values of a configuration's keys, or of one object's in a list, and everything that is wrong with them. Of several values
 * of a key the last one counts. For one thread.
 */
final class ConfigValues {

    /** Names the JSON Schema for editors; ignored at the top of the file. */
    private static final String SCHEMA_KEY = "$schema";

    /** A longer name is not a mistyped one, and comparing it would take long. */
    private static final int LONGEST_NAME = 100;

    /** A value that was read and is in range. */
    private record Given(Object value, Origin origin) {}

    private final String prefix;
    private final Map<String, ConfigKey<?>> keys = new LinkedHashMap<>();
    private final Map<ConfigKey<?>, Given> given = new HashMap<>();
    private final Map<String, Origin> fileKeys = new LinkedHashMap<>();
    private final List<ConfigProblem> problems = new ArrayList<>();

    /**
     * Knows no values yet.
     *
     * @param prefix what problems put before the name of a key
     * @param keys those that may be given
     */
    ConfigValues(String prefix, List<ConfigKey<?>> keys) {
        this.prefix = prefix;
        keys.forEach(key -> this.keys.put(key.path(), key));
    }

    /** The defaults of the configuration. */
    static ConfigValues defaults() {
        return new ConfigValues("", ConfigKey.ALL);
    }

    /** Takes a value; the sources are to be read from the weakest to the strongest. */
    void take(String name, RawValue raw) {
        if (raw.origin().layer() == Layer.FILE) {
            fileKeys.putIfAbsent(name, raw.origin());
        }
        ConfigKey<?> key = keys.get(name);
        if (key != null) {
            ConfigException.collect(
                            problems,
                            prefix + name,
                            raw.origin(),
                            () -> key.type().parse(raw))
                    .ifPresent(value -> given.put(key, new Given(value, raw.origin())));
        } else if (!(prefix.isEmpty() && name.equals(SCHEMA_KEY))) {
            problem(prefix + Excerpt.of(name), "unknown key" + didYouMean(name, keys.keySet()), raw.origin());
        }
    }

    /** Sets a default that follows from other keys. */
    <T> void put(ConfigKey<T> key, T value, Origin origin) {
        given.put(key, new Given(value, origin));
    }

    /** Returns the value from the strongest source, else the default. */
    <T> T get(ConfigKey<T> key) {
        Given value = given.get(key);
        if (value == null) {
            return key.fallback();
        }
        @SuppressWarnings("unchecked") // put() and the key's own type are the only ways in
        T typed = (T) value.value();
        return typed;
    }

    Origin origin(ConfigKey<?> key) {
        Given value = given.get(key);
        return value == null ? Origin.BUILT_IN : value.origin();
    }

    boolean isDefault(ConfigKey<?> key) {
        return !given.containsKey(key);
    }

    /** Returns every key of the file, valid or not, with its place, in the order of the file. */
    Map<String, Origin> fileKeys() {
        return fileKeys;
    }

    void problem(String path, String message, Origin origin) {
        problems.add(new ConfigProblem(path, message, origin));
    }

    List<ConfigProblem> problems() {
        return problems;
    }

    /** @throws ConfigException with all problems, if there are any */
    void requireNoProblems() {
        ConfigException.requireNone(problems);
    }

    /**
     * Returns a suggestion to append to a message about an unknown name: the known name that takes the fewest edits, if these change
     * less than half of it. A forgotten section counts as one edit. Empty if no name is similar.
     */
    static String didYouMean(String wrong, Collection<String> known) {
        if (wrong.length() > LONGEST_NAME) {
            return "";
        }
        return known.stream()
                .min(Comparator.comparingInt(name -> distance(wrong, name)))
                .filter(name -> 2 * distance(wrong, name) < Math.max(name.length(), wrong.length()))
                .map(name -> "; did you mean " + name + "?")
                .orElse("");
    }

    private static int distance(String wrong, String name) {
        return Math.min(edits(wrong, name), 1 + edits(lastPart(wrong), lastPart(name)));
    }

    private static String lastPart(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** Levenshtein distance: insertions, deletions and replacements of one character. */
    private static int edits(String from, String to) {
        int[] previous = new int[to.length() + 1];
        Arrays.setAll(previous, j -> j);
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
