package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.proxy.config.RawValue.Kind;
import java.util.function.Function;

/**
 * Text that a class of its own reads; {@code toString} gives it back.
 *
 * @param parse throws {@link io.jenkins.plugins.cvmfs.notify.client.InvalidInputException} with a message that begins with the text
 */
record Parsed<T>(Function<String, T> parse) implements ValueType<T> {

    @Override
    public T read(RawValue raw) {
        return parse.apply(raw.textOf(Kind.TEXT, "text"));
    }

    @Override
    public void check(T value) {
        // Whatever could be read is fine.
    }

    @Override
    public Object show(T value) {
        return String.valueOf(value);
    }
}
