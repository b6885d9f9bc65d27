package io.jenkins.plugins.cvmfs.notify.proxy.access;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.time.Clock;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The last publishes and subscriptions that were refused, for those who may publish. Repetitions count as one, so that a client that keeps
 * trying does not displace others. Holds {@value #MOST}, the newest last; lost at a restart. Thread-safe.
 */
public final class Refusals {

    /** The kind of request. */
    public enum Kind {
        PUBLISH,
        SUBSCRIBE
    }

    /**
     * Requests of one sender that were refused for one reason.
     *
     * @param repository null if the request names none, or could not be read
     * @param reason the word that the sender got
     */
    record Attempt(Kind kind, String address, @Nullable String repository, String reason) {}

    /**
     * How often, and when.
     *
     * @param detail the sentence that the sender got the last time
     */
    record Repetitions(String detail, Instant first, Instant last, long count) {}

    private static final int MOST = 100;
    private static final int MAX_DETAIL_LENGTH = 300;

    private final Clock clock;
    private final Map<Attempt, Repetitions> refused = new LinkedHashMap<>();

    public Refusals(Clock clock) {
        this.clock = clock;
    }

    /**
     * Adds one.
     *
     * @param address of the sender
     * @param detail without credentials or payload
     */
    public void add(Kind kind, String address, @Nullable RepositoryName repository, String reason, String detail) {
        Attempt what = new Attempt(kind, address, repository == null ? null : repository.value(), reason);
        String shortDetail = detail.substring(0, Math.min(detail.length(), MAX_DETAIL_LENGTH));
        Instant now = clock.instant();
        synchronized (refused) {
            Repetitions before = refused.remove(what);
            refused.put(
                    what,
                    before == null
                            ? new Repetitions(shortDetail, now, now, 1)
                            : new Repetitions(shortDetail, before.first(), now, before.count() + 1));
            if (refused.size() > MOST) {
                Iterator<Attempt> oldest = refused.keySet().iterator();
                oldest.next();
                oldest.remove();
            }
        }
    }

    /** Returns them, the newest last. */
    List<Map.Entry<Attempt, Repetitions>> all() {
        synchronized (refused) {
            return List.copyOf(refused.entrySet());
        }
    }
}
