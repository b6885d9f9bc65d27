package io.jenkins.plugins.cvmfs.notify.config;

import org.jspecify.annotations.Nullable;

/** Text as it is typed into a form or written in a pipeline. */
public final class TypedText {

    private TypedText() {}

    /** Without blanks at its ends; null if nothing is left. */
    public static @Nullable String of(@Nullable String typed) {
        return typed == null || typed.isBlank() ? null : typed.trim();
    }

    /** Without blanks at its ends; the other if nothing is left. */
    public static String or(@Nullable String typed, String other) {
        String text = of(typed);
        return text == null ? other : text;
    }
}
