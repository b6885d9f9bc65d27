package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigException.ConfigProblem;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RawValue.Kind;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How the values of a key are read, checked and shown.
 *
 * @param kind as docs/configuration.md names it
 * @param reader reads a value, without looking at its range; throws {@link InvalidInputException}, with a message that begins with
 *     the value, if it is of another kind
 * @param checker checks the range; throws {@link InvalidInputException}, with a message that begins with the value and names the
 *     limit
 * @param writer returns the value as the file would hold it: a {@code String}, {@code Boolean}, {@code Integer} or {@code Long}
 * @param bounds the lowest and the highest value; empty if there are none
 * @param keys those of the objects in a list; empty if the values are no objects
 */
record ValueType<T>(
        String kind,
        Function<RawValue, T> reader,
        Consumer<T> checker,
        Function<T, Object> writer,
        List<T> bounds,
        List<ConfigKey<?>> keys) {

    /** The limit of Linux. */
    private static final int LONGEST_PATH = 4096;

    private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})(" + String.join("|", UNITS) + ")?");

    private ValueType(String kind, Function<RawValue, T> reader, Consumer<T> checker, Function<T, Object> writer) {
        this(kind, reader, checker, writer, List.of(), List.of());
    }

    /** Reads and checks. */
    T parse(RawValue raw) {
        T value = reader.apply(raw);
        checker.accept(value);
        return value;
    }

    /** A whole number. Here and below, both bounds are included. */
    static ValueType<Integer> number(int min, int max) {
        Function<RawValue, Integer> reader = raw -> {
            try {
                return Integer.valueOf(raw.textOf(Kind.NUMBER, "a whole number"));
            } catch (NumberFormatException e) {
                throw raw.notA("a whole number in %d..%d".formatted(min, max));
            }
        };
        return range("number", min, max, reader, value -> value);
    }

    /** A duration; a number in the file means seconds. */
    static ValueType<Duration> duration(Duration min, Duration max) {
        Function<RawValue, Duration> reader = raw -> {
            if (!raw.isTextOrNumber()) {
                throw raw.notA(DurationText.EXPECTED);
            }
            return DurationText.parse(raw.text());
        };
        return range("duration", min, max, reader, DurationText::of);
    }

    /** A size in bytes: a number, or text such as {@code "64KiB"}. */
    static ValueType<Long> size(long min, long max) {
        return range("size", min, max, ValueType::size, ValueType::sizeText);
    }

    private static Long size(RawValue raw) {
        Matcher matcher = SIZE.matcher(raw.text());
        if (!raw.isTextOrNumber() || !matcher.matches()) {
            throw raw.notA("a size such as 65536, \"64KiB\" or \"1GiB\"");
        }
        long count = Long.parseLong(matcher.group(1));
        int shift = matcher.group(2) == null ? 0 : 10 * UNITS.indexOf(matcher.group(2));
        return count > (Long.MAX_VALUE >> shift) ? Long.MAX_VALUE : count << shift;
    }

    /** In the largest unit that gives a whole number. */
    private static Object sizeText(Long value) {
        int unit = value == 0 ? 0 : Math.min(UNITS.size() - 1, Long.numberOfTrailingZeros(value) / 10);
        return unit == 0 ? value : (value >> (10 * unit)) + UNITS.get(unit);
    }

    private static <T extends Comparable<T>> ValueType<T> range(
            String kind, T min, T max, Function<RawValue, T> reader, Function<T, Object> writer) {
        Consumer<T> checker = value -> {
            if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
                throw new InvalidInputException(
                        "%s is not in %s..%s".formatted(writer.apply(value), writer.apply(min), writer.apply(max)));
            }
        };
        return new ValueType<>(kind, reader, checker, writer, List.of(min, max), List.of());
    }

    static ValueType<Boolean> flag() {
        Function<RawValue, Boolean> reader = raw -> switch (raw.textOf(Kind.BOOLEAN, "true or false")) {
            case "true" -> true;
            case "false" -> false;
            default -> throw raw.notA("true or false");
        };
        return new ValueType<>("flag", reader, value -> {}, value -> value);
    }

    /** The path of a file or directory; empty text means none. Whether the file exists is checked by its user. */
    static ValueType<Optional<Path>> file() {
        Function<RawValue, Optional<Path>> reader = raw -> {
            String text = raw.textOf(Kind.TEXT, "the path of a file");
            if (text.length() > LONGEST_PATH || !text.equals(Excerpt.of(text, LONGEST_PATH))) {
                throw raw.notA("the path of a file: it is too long, or has characters that cannot be printed");
            }
            return text.isEmpty() ? Optional.empty() : Optional.of(path(text));
        };
        return new ValueType<>(
                "path", reader, value -> {}, value -> value.map(Path::toString).orElse(""));
    }

    /** @throws InvalidInputException if the file system accepts no such path */
    static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new InvalidInputException("'%s' is not the path of a file".formatted(Excerpt.of(text)), e);
        }
    }

    /** One of the constants of an enumeration, by its {@link #nameOf name} in any case. */
    static <E extends Enum<E>> ValueType<E> choice(Class<E> type) {
        List<E> all = List.of(type.getEnumConstants());
        return choice(
                all.stream().collect(Collectors.toMap(ValueType::nameOf, Function.identity())),
                all.stream().map(ValueType::nameOf).toList());
    }

    /**
     * The same with other names.
     *
     * @param values by every accepted name, in lower case
     * @param names those that a message offers
     */
    static <E extends Enum<E>> ValueType<E> choice(Map<String, E> values, List<String> names) {
        String expected = "one of " + String.join(", ", names);
        Function<RawValue, E> reader = raw -> {
            E value = values.get(raw.textOf(Kind.TEXT, expected).toLowerCase(Locale.ROOT));
            if (value == null) {
                throw raw.notA(expected);
            }
            return value;
        };
        return new ValueType<>("text", reader, value -> {}, ValueType::nameOf);
    }

    /** Returns the constant's name in lower case, with {@code -} for {@code _}. */
    static String nameOf(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Text of a certain form.
     *
     * @param form what the whole text must match
     * @param expected the form for a message, such as "a host name"
     */
    static ValueType<String> text(String form, String expected) {
        Pattern pattern = Pattern.compile(form);
        Consumer<String> checker = value -> {
            if (!pattern.matcher(value).matches()) {
                throw new InvalidInputException("'%s' is not %s".formatted(Excerpt.of(value), expected));
            }
        };
        return new ValueType<>("text", raw -> raw.textOf(Kind.TEXT, "text"), checker, value -> value);
    }

    /**
     * Text that another class parses; the value's {@code toString} returns the text.
     *
     * @param parser throws {@link InvalidInputException} with a message that begins with the text
     */
    static <T> ValueType<T> parsed(Function<String, T> parser) {
        return new ValueType<>(
                "text", raw -> parser.apply(raw.textOf(Kind.TEXT, "text")), value -> {}, String::valueOf);
    }

    /** The number of several that are needed: a word, or a number. */
    static ValueType<Requirement> requirement() {
        Function<RawValue, Requirement> reader = raw -> {
            if (!raw.isTextOrNumber()) {
                throw raw.notA("all, majority, any or a number");
            }
            return new Requirement(raw.text());
        };
        return new ValueType<>("text", reader, value -> {}, Requirement::text);
    }

    /** The same, or none, which is empty text. */
    static <T> ValueType<Optional<T>> optional(ValueType<T> type) {
        return new ValueType<>(
                type.kind,
                raw -> raw.text().isEmpty() ? Optional.empty() : Optional.of(type.reader.apply(raw)),
                value -> value.ifPresent(type.checker),
                value -> value.map(type.writer).orElse(""));
    }

    /** Text that is never shown, not even in a message about itself. */
    static ValueType<Secret> secret() {
        Function<RawValue, Secret> reader = raw -> {
            if (raw.kind() != Kind.TEXT && raw.kind() != Kind.UNTYPED) {
                throw new InvalidInputException("the value is not text (it is not shown because it is secret)");
            }
            return new Secret(raw.text());
        };
        return new ValueType<>("text", reader, value -> {}, Secret::toString);
    }

    /** Several values of one type: a list in the file, or one of them alone; elsewhere text with commas. Empty text means none. */
    static <E> ValueType<List<E>> list(ValueType<E> element) {
        return new ValueType<>(
                "list",
                raw -> each(parts(raw), raw.kind() == Kind.LIST ? "[%d]" : "", element::parse),
                values -> values.forEach(element.checker),
                values -> values.stream()
                        .map(value -> String.valueOf(element.writer.apply(value)))
                        .collect(Collectors.joining(",")));
    }

    /**
     * An object with names of the user's choice, and for each the patterns that its value may match: a text, or a list of text; in the file
     * only.
     */
    static ValueType<Map<String, List<String>>> conditions() {
        ValueType<List<String>> patterns = list(text(
                "(?=.{1,1000}$)[^*\\p{Cntrl}]*(\\*[^*\\p{Cntrl}]*){0,4}",
                "a text of 1 to 1000 printable characters, of which up to 4 are *, each for any characters"));
        Function<RawValue, Map<String, List<String>>> reader = raw -> {
            if (raw.kind() != Kind.OBJECT) {
                throw raw.notA("an object such as {\"ref\": \"refs/heads/main\"}");
            }
            Map<String, List<String>> conditions = new LinkedHashMap<>();
            List<ConfigProblem> problems = new ArrayList<>();
            raw.fields()
                    .forEach((name, value) -> ConfigException.collect(
                                    problems,
                                    "." + Excerpt.of(name),
                                    value.origin(),
                                    () -> patterns.parse(asText(value)))
                            .ifPresent(texts -> conditions.put(name, texts)));
            ConfigException.requireNone(problems);
            return Collections.unmodifiableMap(conditions);
        };
        return new ValueType<>("object", reader, value -> {}, String::valueOf);
    }

    /** Numbers and booleans are compared as text, too. */
    private static RawValue asText(RawValue raw) {
        List<RawValue> elements = raw.elements().stream().map(ValueType::asText).toList();
        boolean isScalar = raw.kind() == Kind.NUMBER || raw.kind() == Kind.BOOLEAN;
        return new RawValue(isScalar ? Kind.TEXT : raw.kind(), raw.text(), raw.origin(), elements, raw.fields());
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

    /**
     * A list of objects with keys; in the file only.
     *
     * @param keys those of each object
     * @param maker makes the value of an object; throws {@link InvalidInputException} if its keys contradict each other
     */
    static <T> ValueType<List<T>> objects(List<ConfigKey<?>> keys, Function<ConfigValues, T> maker) {
        Function<RawValue, List<T>> reader = raw -> {
            if (raw.kind() == Kind.UNTYPED) {
                throw new InvalidInputException("a list of objects can be given in the file only");
            }
            if (raw.kind() != Kind.LIST) {
                throw raw.notA("a list of objects");
            }
            return each(raw.elements(), "[%d]", element -> maker.apply(object(element, keys)));
        };
        Function<List<T>, Object> writer =
                values -> values.isEmpty() ? "" : values.size() == 1 ? "1 entry" : values.size() + " entries";
        return new ValueType<>("list", reader, values -> {}, writer, List.of(), keys);
    }

    private static ConfigValues object(RawValue raw, List<ConfigKey<?>> keys) {
        if (raw.kind() != Kind.OBJECT) {
            throw raw.notA("an object");
        }
        ConfigValues values = new ConfigValues(".", keys);
        raw.fields().forEach(values::take);
        keys.stream()
                .filter(key -> key.isRequired() && !raw.fields().containsKey(key.path()))
                .forEach(key -> values.problem("", "the required key " + key.path() + " is missing", raw.origin()));
        values.requireNoProblems();
        return values;
    }

    /**
     * Parses the elements of a list.
     *
     * @param path of the problems of an element, with its index
     * @throws ConfigException if something is wrong; it holds every problem
     */
    private static <E> List<E> each(List<RawValue> elements, String path, Function<RawValue, E> parser) {
        List<E> values = new ArrayList<>();
        List<ConfigProblem> problems = new ArrayList<>();
        for (int i = 0; i < elements.size(); i++) {
            RawValue element = elements.get(i);
            ConfigException.collect(problems, path.formatted(i), element.origin(), () -> parser.apply(element))
                    .ifPresent(values::add);
        }
        ConfigException.requireNone(problems);
        return List.copyOf(values);
    }
}
