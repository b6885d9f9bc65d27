package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.ByteBudget;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Those who watch a {@link StatusStream}: {@value #LIMIT} at most. Whatever changes between two looks at the feed is said once, in the same words for
 * all of them. The feed is looked at on the endpoints' thread only; the rest may be called from any.
 */
final class Watchers {

    static final int LIMIT = 100;

    private final StatusStream feed;
    private final Executor executor;
    private final LimitsConfig limits;
    private final ByteBudget answers;
    private final Set<StatusStreamConnection> all = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean looking = new AtomicBoolean();

    /**
     * @param executor one bounded thread, which may reject
     * @param answers memory for what has not been read yet
     */
    Watchers(StatusStream feed, Executor executor, LimitsConfig limits, ByteBudget answers) {
        this.feed = feed;
        this.executor = executor;
        this.limits = limits;
        this.answers = answers;
    }

    LimitsConfig limits() {
        return limits;
    }

    ByteBudget answers() {
        return answers;
    }

    boolean areFull() {
        return all.size() >= LIMIT;
    }

    int count() {
        return all.size();
    }

    /** The others are told first what has changed, so that all of them know the same from here on. */
    void join(StatusStreamConnection watcher) {
        try {
            executor.execute(() -> {
                if (areFull()) {
                    watcher.reset();
                    return;
                }
                tell(feed.changes());
                all.add(watcher);
                if (watcher.isClosed()) {
                    // It may have left before it was added, and leaves only once.
                    all.remove(watcher);
                    return;
                }
                watcher.whole(feed.whole());
            });
        } catch (RejectedExecutionException e) {
            watcher.reset();
        }
    }

    void leave(StatusStreamConnection watcher) {
        all.remove(watcher);
    }

    /** To be called a few times a second. If the last look is not over yet this one is left out. */
    void look() {
        if (all.isEmpty() || !looking.compareAndSet(false, true)) {
            return;
        }
        try {
            executor.execute(() -> {
                looking.set(false);
                tell(feed.changes());
            });
        } catch (RejectedExecutionException e) {
            looking.set(false);
        }
    }

    private void tell(Optional<String> news) {
        String whole = null;
        for (StatusStreamConnection watcher : all) {
            if (watcher.wantsWhole()) {
                whole = whole == null ? feed.whole() : whole;
                watcher.whole(whole);
            } else if (news.isPresent()) {
                watcher.changes(news.get());
            } else {
                watcher.nothing();
            }
        }
    }
}
