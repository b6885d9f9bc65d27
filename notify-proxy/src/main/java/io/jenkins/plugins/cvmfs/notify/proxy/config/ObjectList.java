package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RawValue.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A list of objects with keys of their own. Only the file can hold one. Every fault is reported with its own place, under a path
 * such as {@code access.tokens[1].hash}.
 *
 * @param keys those of each object
 * @param required the paths of those that an object must have
 * @param entry makes the value; throws {@link InvalidInputException} if the keys do not fit together
 */
record ObjectList<T>(List<ConfigKey<?>> keys, List<String> required, Function<ListEntry, T> entry)
        implements ValueType<List<T>> {

    ObjectList {
        keys = List.copyOf(keys);
        required = List.copyOf(required);
    }

    @Override
    public List<T> read(RawValue raw) {
        if (raw.kind() == Kind.UNTYPED) {
            throw new InvalidInputException("a list of objects can stand in the file only");
        }
        if (raw.kind() != Kind.LIST) {
            throw raw.notA("a list of objects");
        }
        List<T> values = new ArrayList<>();
        List<ConfigProblem> problems = new ArrayList<>();
        for (int i = 0; i < raw.elements().size(); i++) {
            ListEntry read = ListEntry.read(raw.elements().get(i), this, "[" + i + "]", problems);
            if (read.isSound()) {
                build(read, raw.elements().get(i), "[" + i + "]", values, problems);
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return List.copyOf(values);
    }

    private void build(ListEntry read, RawValue element, String path, List<T> values, List<ConfigProblem> problems) {
        try {
            values.add(entry.apply(read));
        } catch (InvalidInputException e) {
            problems.add(new ConfigProblem(path, String.valueOf(e.getMessage()), element.origin()));
        }
    }

    @Override
    public void check(List<T> values) {
        // Each was checked when it was made.
    }

    @Override
    public Object show(List<T> values) {
        return values.isEmpty() ? "" : values.size() == 1 ? "1 entry" : values.size() + " entries";
    }
}
