package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import java.io.Console;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether somebody is watching, and how wide the window is. */
final class Terminal {

    private static final int USUAL_COLUMNS = 80;
    private static final int FEWEST_COLUMNS = 20;

    private Terminal() {}

    /** The width in characters; 0 if output goes to a file, a pipe or a terminal that cannot clear a line. */
    static int columns(@Nullable Console console, Map<String, String> environment) {
        String kind = environment.getOrDefault("TERM", "dumb");
        if (console == null || kind.equals("dumb") || !isTerminal(console)) {
            return 0;
        }
        String columns = environment.getOrDefault("COLUMNS", "");
        return columns.matches("[0-9]{1,4}") ? Math.max(FEWEST_COLUMNS, Integer.parseInt(columns)) : USUAL_COLUMNS;
    }

    /** Since JDK 22 there can be a console that is no terminal, and a method that says so. */
    private static boolean isTerminal(Console console) {
        try {
            return Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console));
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot ask the console", e);
        }
    }
}
