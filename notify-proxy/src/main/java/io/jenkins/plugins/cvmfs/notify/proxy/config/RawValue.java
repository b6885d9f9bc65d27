package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.util.List;
import java.util.Map;

/**
 * A value as it was given, before its key says how to read it.
 *
 * @param kind its JSON type
 * @param text its text; of a list or an object only the name of the kind
 * @param origin where it was given
 * @param elements of a list
 * @param fields of an object
 */
record RawValue(Kind kind, String text, Origin origin, List<RawValue> elements, Map<String, RawValue> fields) {

    enum Kind {
        TEXT,
        NUMBER,
        BOOLEAN,
        LIST,
        OBJECT,
        NULL,
        /** From the environment or the command line, where everything is text. */
        UNTYPED
    }

    /** Anything but a list or an object. */
    RawValue(Kind kind, String text, Origin origin) {
        this(kind, text, origin, List.of(), Map.of());
    }

    boolean isTextOrNumber() {
        return kind == Kind.TEXT || kind == Kind.NUMBER || kind == Kind.UNTYPED;
    }

    /** Returns the text of a value that must be of this kind in the file. */
    String textOf(Kind wanted, String expected) {
        if (kind != wanted && kind != Kind.UNTYPED) {
            throw notA(expected);
        }
        return text;
    }

    InvalidInputException notA(String expected) {
        String shown = kind == Kind.TEXT || kind == Kind.UNTYPED ? "'" + Excerpt.of(text) + "'" : Excerpt.of(text);
        return new InvalidInputException(shown + " is not " + expected);
    }
}
