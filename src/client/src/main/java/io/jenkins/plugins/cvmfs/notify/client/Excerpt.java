package io.jenkins.plugins.cvmfs.notify.client;

/** The start of a wrong input, made safe to stand in a message: bounded, on one line, without control characters. */
public final class Excerpt {

    private static final int LONGEST = 80;

    private Excerpt() {}

    /** The text itself if it is short and printable; else its first {@value #LONGEST} characters with {@code ?} for the rest. */
    public static String of(String text) {
        String head = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
        return head.replaceAll("\\p{Cntrl}", "?");
    }
}
