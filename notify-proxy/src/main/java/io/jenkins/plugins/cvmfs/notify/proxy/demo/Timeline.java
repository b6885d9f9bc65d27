package io.jenkins.plugins.cvmfs.notify.proxy.demo;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Writes what happens, who says so, and when: in seconds since the beginning. Any thread may write. */
final class Timeline {

    private final PrintWriter out;
    private final long start = System.nanoTime();

    Timeline(PrintWriter out) {
        this.out = out;
    }

    synchronized void says(String who, String what) {
        double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
        out.println(String.format(Locale.ROOT, "%7.3f s  %-10s %s", seconds, who, what));
        out.flush();
    }
}
