package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Origin.Layer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the sources gave, key by key, the strongest last; and everything that was wrong with it. One thread. */
final class Layers {

    /** For editors: names the JSON Schema. Means nothing to us. */
    private static final String SCHEMA_KEY = "$schema";

    /** A value that was read and is in range. */
    private record Given(Object value, Origin origin) {}

    private final Map<ConfigKey<?>, Given> strongest = new HashMap<>();
    private final Map<String, Origin> fileKeys = new LinkedHashMap<>();
    private final Set<String> faulty = new HashSet<>();
    private final List<ConfigProblem> problems = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    /** Takes a value; sources are to be read from the weakest to the strongest. */
    void given(String path, RawValue raw) {
        if (raw.origin().layer() == Layer.FILE) {
            fileKeys.putIfAbsent(path, raw.origin());
        }
        ConfigKey<?> key = ConfigKeys.BY_PATH.get(path);
        if (key != null) {
            take(key, raw);
        } else if (!path.equals(SCHEMA_KEY)) {
            problem(Excerpt.of(path), "there is no such key" + didYouMean(path), raw.origin());
        }
    }

    private static String didYouMean(String path) {
        return NearestName.of(path, ConfigKeys.BY_PATH.keySet())
                .map(name -> "; did you mean " + name + "?")
                .orElse("");
    }

    private <T> void take(ConfigKey<T> key, RawValue raw) {
        try {
            T value = key.type().read(raw);
            key.type().check(value);
            put(key, value, raw.origin());
        } catch (ConfigException e) {
            e.problems().forEach(inner -> problem(key.path() + inner.path(), inner.message(), inner.origin()));
        } catch (InvalidInputException e) {
            problem(key.path(), String.valueOf(e.getMessage()), raw.origin());
        }
    }

    /** Sets a value that has been checked, or is a default that follows from other keys. */
    <T> void put(ConfigKey<T> key, T value, Origin origin) {
        strongest.put(key, new Given(value, origin));
    }

    void problem(String path, String message, Origin origin) {
        faulty.add(path);
        problems.add(new ConfigProblem(path, message, origin));
    }

    void warn(String message) {
        warnings.add(message);
    }

    /** The strongest value, else the default. */
    <T> T get(ConfigKey<T> key) {
        Given given = strongest.get(key);
        if (given == null) {
            return key.fallback();
        }
        @SuppressWarnings("unchecked") // put() is the only way in, and it takes a T for a ConfigKey<T>
        T value = (T) given.value();
        return value;
    }

    Origin origin(ConfigKey<?> key) {
        return Optional.ofNullable(strongest.get(key)).map(Given::origin).orElse(Origin.BUILT_IN);
    }

    boolean isDefault(ConfigKey<?> key) {
        return !strongest.containsKey(key);
    }

    /** Every key that the file has, whether or not it holds, and where; in their order. */
    Map<String, Origin> fileKeys() {
        return fileKeys;
    }

    /** Whether something was wrong with a key whose path begins so. */
    boolean isFaulty(String prefix) {
        return faulty.stream().anyMatch(path -> path.startsWith(prefix));
    }

    List<ConfigProblem> problems() {
        return problems;
    }

    List<String> warnings() {
        return warnings;
    }
}
