package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RawValue.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Several values of one kind: a list in the file, or one of them alone; elsewhere text with commas. Empty text means none. */
record TextList<E>(ValueType<E> element) implements ValueType<List<E>> {

    @Override
    public List<E> read(RawValue raw) {
        List<RawValue> parts = parts(raw);
        List<E> values = new ArrayList<>();
        List<ConfigProblem> problems = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            try {
                E value = element.read(parts.get(i));
                element.check(value);
                values.add(value);
            } catch (InvalidInputException e) {
                String path = raw.kind() == Kind.LIST ? "[" + i + "]" : "";
                problems.add(new ConfigProblem(
                        path, String.valueOf(e.getMessage()), parts.get(i).origin()));
            }
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return List.copyOf(values);
    }

    private static List<RawValue> parts(RawValue raw) {
        if (raw.kind() == Kind.LIST) {
            return raw.elements();
        }
        if (raw.text().isEmpty()) {
            return List.of();
        }
        if (raw.kind() != Kind.UNTYPED) {
            return List.of(raw);
        }
        return Arrays.stream(raw.text().split(","))
                .map(part -> new RawValue(Kind.UNTYPED, part.strip(), raw.origin()))
                .toList();
    }

    @Override
    public void check(List<E> values) {
        values.forEach(element::check);
    }

    @Override
    public Object show(List<E> values) {
        return values.stream().map(value -> String.valueOf(element.show(value))).collect(Collectors.joining(","));
    }
}
