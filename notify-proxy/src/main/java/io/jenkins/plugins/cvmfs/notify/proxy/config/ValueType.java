package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigException.ConfigProblem;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RawValue.Kind;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** How the values of a key are read, checked and shown. */
sealed interface ValueType<T> {

    /**
     * Reads a value, without looking at its range.
     *
     * @throws InvalidInputException if it is of another kind; the message begins with the value
     */
    T read(RawValue raw);

    /**
     * Checks the range. The default accepts every value that {@link #read} returns.
     *
     * @throws InvalidInputException if the value is out of range; the message begins with the value and names the limit
     */
    default void check(T value) {}

    /** Returns the value as the file would hold it: a {@code String}, {@code Boolean}, {@code Integer} or {@code Long}. */
    default Object show(T value) {
        return String.valueOf(value);
    }

    /** Reads and checks. */
    default T parse(RawValue raw) {
        T value = read(raw);
        check(value);
        return value;
    }

    /** Values between two bounds, both included. */
    sealed interface Range<T extends Comparable<T>> extends ValueType<T> {

        T min();

        T max();

        @Override
        default void check(T value) {
            if (value.compareTo(min()) < 0 || value.compareTo(max()) > 0) {
                throw new InvalidInputException("%s is not in %s..%s".formatted(show(value), show(min()), show(max())));
            }
        }
    }

    /** A whole number. */
    record WholeNumber(Integer min, Integer max) implements Range<Integer> {

        @Override
        public Integer read(RawValue raw) {
            try {
                return Integer.valueOf(raw.textOf(Kind.NUMBER, "a whole number"));
            } catch (NumberFormatException e) {
                throw raw.notA("a whole number in %d..%d".formatted(min, max));
            }
        }

        @Override
        public Object show(Integer value) {
            return value;
        }
    }

    /** A duration; a number in the file means seconds. */
    record TimeSpan(Duration min, Duration max) implements Range<Duration> {

        @Override
        public Duration read(RawValue raw) {
            if (!raw.isTextOrNumber()) {
                throw raw.notA(DurationText.EXPECTED);
            }
            return DurationText.parse(raw.text());
        }

        @Override
        public Object show(Duration value) {
            return DurationText.of(value);
        }
    }

    /** A size: a number of bytes, or text such as {@code "64KiB"}. */
    record ByteSize(Long min, Long max) implements Range<Long> {

        private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB");
        private static final Pattern TEXT = Pattern.compile("([0-9]{1,12})(" + String.join("|", UNITS) + ")?");

        @Override
        public Long read(RawValue raw) {
            Matcher matcher = TEXT.matcher(raw.text());
            if (!raw.isTextOrNumber() || !matcher.matches()) {
                throw raw.notA("a size such as 65536, \"64KiB\" or \"1GiB\"");
            }
            long count = Long.parseLong(matcher.group(1));
            int shift = matcher.group(2) == null ? 0 : 10 * UNITS.indexOf(matcher.group(2));
            return count > (Long.MAX_VALUE >> shift) ? Long.MAX_VALUE : count << shift;
        }

        /** In the largest unit that gives a whole number. */
        @Override
        public Object show(Long value) {
            int unit = value == 0 ? 0 : Math.min(UNITS.size() - 1, Long.numberOfTrailingZeros(value) / 10);
            return unit == 0 ? value : (value >> 10 * unit) + UNITS.get(unit);
        }
    }

    /** True or false. */
    record Flag() implements ValueType<Boolean> {

        @Override
        public Boolean read(RawValue raw) {
            return switch (raw.textOf(Kind.BOOLEAN, "true or false")) {
                case "true" -> true;
                case "false" -> false;
                default -> throw raw.notA("true or false");
            };
        }

        @Override
        public Object show(Boolean value) {
            return value;
        }
    }

    /** The path of a file or directory; empty text means none. Whether the file exists is checked by its user. */
    record FileName() implements ValueType<Optional<Path>> {

        /** The limit of Linux. */
        private static final int LONGEST = 4096;

        @Override
        public Optional<Path> read(RawValue raw) {
            String text = raw.textOf(Kind.TEXT, "the path of a file");
            if (text.length() > LONGEST || !text.equals(Excerpt.of(text, LONGEST))) {
                throw raw.notA("the path of a file: it is too long, or has characters that cannot be printed");
            }
            return text.isEmpty() ? Optional.empty() : Optional.of(path(text));
        }

        /** @throws InvalidInputException if the file system accepts no such path */
        static Path path(String text) {
            try {
                return Path.of(text);
            } catch (InvalidPathException e) {
                throw new InvalidInputException("'%s' is not the path of a file".formatted(Excerpt.of(text)), e);
            }
        }

        @Override
        public Object show(Optional<Path> value) {
            return value.map(Path::toString).orElse("");
        }
    }

    /**
     * One of several names, in any case.
     *
     * @param values by every accepted name, in lower case; several names may have the same value
     * @param names those that a message offers
     */
    record Choice<E extends Enum<E>>(Map<String, E> values, List<String> names) implements ValueType<E> {

        /** The constants by their names, with {@code -} for {@code _}. */
        static <E extends Enum<E>> Choice<E> of(Class<E> type) {
            List<E> all = List.of(type.getEnumConstants());
            return new Choice<>(
                    all.stream().collect(Collectors.toMap(Choice::name, Function.identity())),
                    all.stream().map(Choice::name).toList());
        }

        static String name(Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        @Override
        public E read(RawValue raw) {
            String expected = "one of " + String.join(", ", names);
            E value = values.get(raw.textOf(Kind.TEXT, expected).toLowerCase(Locale.ROOT));
            if (value == null) {
                throw raw.notA(expected);
            }
            return value;
        }

        @Override
        public Object show(E value) {
            return name(value);
        }
    }

    /**
     * Text of a certain form.
     *
     * @param form what the whole text must match
     * @param expected the form for a message, such as "a host name"
     */
    record PlainText(Pattern form, String expected) implements ValueType<String> {

        @Override
        public String read(RawValue raw) {
            return raw.textOf(Kind.TEXT, "text");
        }

        @Override
        public void check(String value) {
            if (!form.matcher(value).matches()) {
                throw new InvalidInputException("'%s' is not %s".formatted(Excerpt.of(value), expected));
            }
        }
    }

    /**
     * Text that another class parses; its {@code toString} returns the text.
     *
     * @param parser throws {@link InvalidInputException} with a message that begins with the text
     */
    record Parsed<T>(Function<String, T> parser) implements ValueType<T> {

        @Override
        public T read(RawValue raw) {
            return parser.apply(raw.textOf(Kind.TEXT, "text"));
        }
    }

    /** A secret: read like text, never shown, not even in a message about itself. */
    record SecretText() implements ValueType<Secret> {

        @Override
        public Secret read(RawValue raw) {
            if (raw.kind() != Kind.TEXT && raw.kind() != Kind.UNTYPED) {
                throw new InvalidInputException("the value is not text (it is not shown because it is secret)");
            }
            return new Secret(raw.text());
        }
    }

    /** Several values of one type: a list in the file, or one of them alone; elsewhere text with commas. Empty text means none. */
    record TextList<E>(ValueType<E> element) implements ValueType<List<E>> {

        @Override
        public List<E> read(RawValue raw) {
            return each(parts(raw), raw.kind() == Kind.LIST ? "[%d]" : "", element::parse);
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
            return values.stream()
                    .map(value -> String.valueOf(element.show(value)))
                    .collect(Collectors.joining(","));
        }
    }

    /**
     * A list of objects that have keys themselves; in the file only.
     *
     * @param keys those of each object
     * @param required the names of those that an object must have
     * @param maker makes the value of an object; throws {@link InvalidInputException} if its keys contradict each other
     */
    record ObjectList<T>(List<ConfigKey<?>> keys, List<String> required, Function<ConfigValues, T> maker)
            implements ValueType<List<T>> {

        @Override
        public List<T> read(RawValue raw) {
            if (raw.kind() == Kind.UNTYPED) {
                throw new InvalidInputException("a list of objects can be given in the file only");
            }
            if (raw.kind() != Kind.LIST) {
                throw raw.notA("a list of objects");
            }
            return each(raw.elements(), "[%d]", this::object);
        }

        private T object(RawValue raw) {
            if (raw.kind() != Kind.OBJECT) {
                throw raw.notA("an object");
            }
            ConfigValues values = new ConfigValues(".", keys);
            raw.fields().forEach(values::take);
            required.stream()
                    .filter(name -> !raw.fields().containsKey(name))
                    .forEach(name -> values.problem("", "the required key " + name + " is missing", raw.origin()));
            values.requireNoProblems();
            return maker.apply(values);
        }

        @Override
        public Object show(List<T> values) {
            return values.isEmpty() ? "" : values.size() == 1 ? "1 entry" : values.size() + " entries";
        }
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
            ConfigException.collect(
                    problems, path.formatted(i), element.origin(), () -> values.add(parser.apply(element)));
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return List.copyOf(values);
    }
}
