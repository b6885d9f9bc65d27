package io.jenkins.plugins.cvmfs.notify.proxy.log;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state of an activity log.
 *
 * @param kind how it keeps announcements: {@code stream}, {@code queue}, {@code journal} or {@code upstream}
 * @param canAppend whether a publish has a chance to succeed
 * @param isTailing whether new announcements reach this proxy, and what was missed has been caught up
 * @param detail one sentence for an operator, without credentials
 * @param sinceOrNull when its connection was made or lost; null if it has none, or the time is not known
 * @param relays the ids of this relay, of its upstream if that is a relay, and so on; empty if this is no relay
 */
public record LogState(
        String kind,
        boolean canAppend,
        boolean isTailing,
        String detail,
        @Nullable Instant sinceOrNull,
        List<String> relays) {

    /** The kind of a relay's log, which is another server. */
    public static final String UPSTREAM = "upstream";

    public LogState {
        relays = List.copyOf(relays);
    }

    /** A log that is not another server. */
    public LogState(String kind, boolean canAppend, boolean isTailing, String detail) {
        this(kind, canAppend, isTailing, detail, null, List.of());
    }

    /** Returns when the connection was made or lost, if that is known. */
    public Optional<Instant> since() {
        return Optional.ofNullable(sinceOrNull);
    }

    /**
     * Returns whether every repository that was announced is known here once the log is ready. With queues a proxy only receives
     * announcements of repositories that it follows, and other proxies may know more.
     */
    public boolean knowsAll() {
        return !kind.equals("queue");
    }

    /** Returns whether the proxy may report itself ready. A relay that refuses publishes is ready without them. */
    public boolean isReady() {
        return isTailing && (canAppend || kind.equals(UPSTREAM));
    }

    /**
     * Returns whether clients are served well enough to keep them although the log is not ready. Those of a relay get the last values, and all
     * that they miss once the upstream is back; sent elsewhere, clients of CVMFS give up within a second.
     */
    public boolean isServing() {
        return isReady() || kind.equals(UPSTREAM);
    }
}
