package io.jenkins.plugins.cvmfs.notify.proxy.abuse;

/**
 * How hard the fuzz, abuse and soak suites try: a short form in each build, a long one under the profile {@code abuse}, which sets
 * {@code -Dabuse.factor}.
 */
public final class Effort {

    private static final int FACTOR = Integer.getInteger("abuse.factor", 1);

    private Effort() {}

    /** Whether this is the long form. */
    public static boolean isLong() {
        return FACTOR > 1;
    }

    /** So many in the short form, a multiple in the long one. */
    public static long times(int shortForm) {
        return (long) shortForm * FACTOR;
    }

    /** One or the other. */
    public static int choose(int shortForm, int longForm) {
        return isLong() ? longForm : shortForm;
    }
}
