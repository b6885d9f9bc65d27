package io.jenkins.plugins.cvmfs.notify.client;

/** The start of a wrong input, made safe to stand in a message: bounded, on one line, without control characters. */
public final class Excerpt {

    private static final int LONGEST = 80;
    /** Control and format characters, line and paragraph separators, and halves of surrogate pairs. */
    private static final String UNPRINTABLE = "[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]";

    private Excerpt() {}

    /** The first {@value #LONGEST} characters, {@code …} if there are more, with {@code ?} for each that cannot be printed. */
    public static String of(String text) {
        return of(text, LONGEST);
    }

    /** The same with another bound, in characters. */
    public static String of(String text, int longest) {
        String head = text.length() <= longest ? text : text.substring(0, longest) + "…";
        return head.replaceAll(UNPRINTABLE, "?");
    }
}
