package io.jenkins.plugins.cvmfs.notify.proxy.log;

/**
 * The state of an activity log.
 *
 * @param kind how it keeps announcements: {@code stream}, {@code queue} or {@code journal}
 * @param canAppend whether a publish has a chance to succeed
 * @param isTailing whether new announcements reach this proxy, and what was missed has been caught up
 * @param detail one sentence for an operator, without credentials
 */
public record LogState(String kind, boolean canAppend, boolean isTailing, String detail) {

    /**
     * Returns whether every repository that was announced is known here once the log is ready. With queues a proxy only receives announcements of
     * repositories that it follows, and other proxies may know more.
     */
    public boolean knowsAll() {
        return !kind.equals("queue");
    }

    /** Returns whether the proxy may report itself ready. */
    public boolean isReady() {
        return canAppend && isTailing;
    }
}
