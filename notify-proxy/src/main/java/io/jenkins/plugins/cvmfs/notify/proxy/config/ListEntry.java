package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RawValue.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One object of an {@link ObjectList} while it is read. */
final class ListEntry {

    private final Map<ConfigKey<?>, Object> values = new HashMap<>();
    private final ObjectList<?> type;
    private final String path;
    private final List<ConfigProblem> problems;
    private final int problemsBefore;

    private ListEntry(ObjectList<?> type, String path, List<ConfigProblem> problems) {
        this.type = type;
        this.path = path;
        this.problems = problems;
        this.problemsBefore = problems.size();
    }

    /**
     * @param path of the object in its list, such as {@code [2]}
     * @param problems takes what is wrong with it
     */
    static ListEntry read(RawValue raw, ObjectList<?> type, String path, List<ConfigProblem> problems) {
        ListEntry entry = new ListEntry(type, path, problems);
        if (raw.kind() == Kind.OBJECT) {
            raw.fields().forEach(entry::take);
            type.required().stream()
                    .filter(name -> !raw.fields().containsKey(name))
                    .forEach(name -> entry.problem("", "lacks the key " + name, raw.origin()));
        } else {
            entry.problem("", String.valueOf(raw.notA("an object").getMessage()), raw.origin());
        }
        return entry;
    }

    private void take(String name, RawValue raw) {
        for (ConfigKey<?> key : type.keys()) {
            if (key.path().equals(name)) {
                take(key, raw);
                return;
            }
        }
        String guess = NearestName.of(
                        name, type.keys().stream().map(ConfigKey::path).toList())
                .map(near -> "; did you mean " + near + "?")
                .orElse("");
        problem("." + Excerpt.of(name), "there is no such key" + guess, raw.origin());
    }

    private <T> void take(ConfigKey<T> key, RawValue raw) {
        try {
            T value = key.type().read(raw);
            key.type().check(value);
            values.put(key, value);
        } catch (ConfigException e) {
            e.problems().forEach(inner -> problem("." + key.path() + inner.path(), inner.message(), inner.origin()));
        } catch (InvalidInputException e) {
            problem("." + key.path(), String.valueOf(e.getMessage()), raw.origin());
        }
    }

    private void problem(String inner, String message, Origin origin) {
        problems.add(new ConfigProblem(path + inner, message, origin));
    }

    boolean isSound() {
        return problems.size() == problemsBefore;
    }

    /** The value given, else the default. */
    <T> T get(ConfigKey<T> key) {
        Object value = values.get(key);
        if (value == null) {
            return key.fallback();
        }
        @SuppressWarnings("unchecked") // take() is the only way in, and it reads a T for a ConfigKey<T>
        T typed = (T) value;
        return typed;
    }
}
