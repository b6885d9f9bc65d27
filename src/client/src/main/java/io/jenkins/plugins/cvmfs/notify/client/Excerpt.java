package io.jenkins.plugins.cvmfs.notify.client;

import java.util.List;
import java.util.stream.Collectors;

/** Makes untrusted text safe to quote in a message: bounded, on one line, without control characters. */
public final class Excerpt {

    private static final int LONGEST = 80;
    /** Control and format characters, line and paragraph separators, and halves of surrogate pairs. */
    private static final String UNPRINTABLE = "[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]";

    private Excerpt() {}

    /** Returns the first {@value #LONGEST} characters, then {@code …} if there are more; {@code ?} replaces unprintable ones. */
    public static String of(String text) {
        return of(text, LONGEST);
    }

    /** Returns the same with another limit, in characters. */
    public static String of(String text, int longest) {
        String head = text.length() <= longest ? text : text.substring(0, longest) + "…";
        return head.replaceAll(UNPRINTABLE, "?");
    }

    /** Returns the first of several short texts, and how many more there are: {@code a, b and 2 more}. Does not make the texts safe. */
    public static String ofList(List<String> texts, int most, String separator) {
        int more = texts.size() - most;
        return texts.stream().limit(most).collect(Collectors.joining(separator))
                + (more <= 0 ? "" : " and %d more".formatted(more));
    }
}
