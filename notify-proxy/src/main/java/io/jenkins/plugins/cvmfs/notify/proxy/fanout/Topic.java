package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What the fan-out knows of one repository: its last announcement and its audiences, one for each event loop that has
 * subscribers of it. Changed only inside {@code ConcurrentHashMap.compute} for its name, read by any thread.
 */
final class Topic {

    private static final Audience[] NOBODY = {};

    private volatile @Nullable Dispatch last;
    private volatile Audience[] audiences = NOBODY;
    private final Tally tally = new Tally();
    private final AtomicInteger subscribers = new AtomicInteger();

    @Nullable
    Dispatch last() {
        return last;
    }

    Topic withLast(Dispatch dispatch) {
        last = dispatch;
        return this;
    }

    /** Its announcements since the proxy began to listen. */
    Tally tally() {
        return tally;
    }

    RepositoryState state(RepositoryName repository, Instant now) {
        return new RepositoryState(repository, last, subscribers.get(), tally.total(), tally.lastHour(now));
    }

    /** Those that have at least one member. Not to be changed. */
    Audience[] audiences() {
        return audiences;
    }

    int subscribers() {
        return subscribers.get();
    }

    Subscription join(Subscriber subscriber, RepositoryName repository, Lane lane) {
        Subscription subscription = new Subscription(subscriber, audienceOn(lane, repository));
        subscription.audience().add(subscription);
        subscribers.incrementAndGet();
        return subscription;
    }

    private Audience audienceOn(Lane lane, RepositoryName repository) {
        for (Audience audience : audiences) {
            if (audience.lane() == lane) {
                return audience;
            }
        }
        Audience added = new Audience(repository, lane);
        Audience[] more = Arrays.copyOf(audiences, audiences.length + 1);
        more[audiences.length] = added;
        audiences = more;
        return added;
    }

    void leave(Subscription subscription) {
        Audience audience = subscription.audience();
        audience.remove(subscription);
        subscribers.decrementAndGet();
        if (audience.size() == 0) {
            audiences = Arrays.stream(audiences).filter(a -> a != audience).toArray(Audience[]::new);
        }
    }

    /** Whether there is neither an announcement nor a subscriber to keep it for. */
    boolean isForgettable() {
        return last == null && subscribers.get() == 0;
    }
}
