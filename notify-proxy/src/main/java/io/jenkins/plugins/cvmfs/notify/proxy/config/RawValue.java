package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;

/**
 * A value as it was given, before its key says how to read it.
 *
 * @param kind what it looked like
 * @param text its text; of an array or an object only the name of the kind
 * @param origin where it was given
 */
record RawValue(Kind kind, String text, Origin origin) {

    enum Kind {
        TEXT,
        NUMBER,
        BOOLEAN,
        /** Null, an array or an object: no key takes one. */
        OTHER,
        /** From the environment or the command line, where everything is text. */
        UNTYPED
    }

    /** The text of a value that must be of this kind in the file. */
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
