package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.proxy.config.RawValue.Kind;
import java.util.Locale;
import java.util.Map;

/**
 * One of a few words.
 *
 * @param words every word that is understood, in lower case; several may mean the same
 * @param expected the words to offer, for a message
 */
record Choice<E extends Enum<E>>(Map<String, E> words, String expected) implements ValueType<E> {

    Choice {
        words = Map.copyOf(words);
    }

    @Override
    public E read(RawValue raw) {
        E value = words.get(raw.textOf(Kind.TEXT, expected).toLowerCase(Locale.ROOT));
        if (value == null) {
            throw raw.notA(expected);
        }
        return value;
    }

    @Override
    public void check(E value) {
        // Every constant is fine.
    }

    @Override
    public Object show(E value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
