package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Audience.Subscription;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut.Waiting;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.netty.util.concurrent.Future;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One repository: its last value, the number of announcements on their way into the log, and its audiences, one
 * for each event loop that has subscribers of it. Changed only inside {@code ConcurrentHashMap.compute} for its name; last
 * announcement and audiences may be read by any thread.
 */
final class RepositoryTopic {

    private static final Audience[] NONE = {};

    private volatile @Nullable Dispatch last;
    private volatile @Nullable Waiting waiting;
    private volatile Audience[] audiences = NONE;
    private final AnnouncementCounts announcements = new AnnouncementCounts();
    private volatile @Nullable Instant firstAnnounced;
    private final AtomicInteger subscribers = new AtomicInteger();
    private @Nullable NameHolder holder;
    private int expected;
    private int bytes;
    private @Nullable Future<?> repetition;

    /** @param holder who pays for a name that is not announced; null if it is, or is about to be */
    RepositoryTopic(@Nullable NameHolder holder) {
        this.holder = holder;
    }

    @Nullable
    Dispatch last() {
        return last;
    }

    void last(@Nullable Dispatch dispatch) {
        last = dispatch;
    }

    /** Notes the position of an announcement that came before it was known. */
    void located(Announcement announcement) {
        Waiting held = waiting;
        Stream.of(last, held == null ? null : held.first(), held == null ? null : held.newest())
                .filter(it -> it != null && it.announcement().message() == announcement.message())
                .forEach(it -> it.located(announcement));
    }

    /** Returns what is held; null if nothing is. */
    @Nullable
    Waiting waiting() {
        return waiting;
    }

    /** Notes that this announcement is held, as the newest. */
    void hold(Dispatch dispatch) {
        Waiting before = waiting;
        Dispatch told = last;
        Revision own = dispatch.announcement().message().revision();
        Revision above = before != null
                ? before.highest()
                : told == null ? own : told.announcement().message().revision();
        waiting =
                new Waiting(before == null ? dispatch : before.first(), dispatch, above.isNewerThan(own) ? above : own);
    }

    /** Nothing is held any more. */
    void holdNothing() {
        waiting = null;
    }

    /** Returns the newest announcement, whether it is held or not. */
    @Nullable
    Dispatch newest() {
        Waiting present = waiting;
        return present == null ? last : present.newest();
    }

    /**
     * Makes a held announcement the last value; what is newer stays held.
     *
     * @return null if it is not held any more
     */
    @Nullable
    Dispatch release(Dispatch held) {
        Waiting present = waiting;
        if (present == null
                || held.sequence() < present.first().sequence()
                || held.sequence() > present.newest().sequence()) {
            return null;
        }
        waiting = present.newest() == held ? null : new Waiting(present.newest(), present.newest(), present.highest());
        Dispatch released = held.release(subscribers.get());
        last = released;
        return released;
    }

    /** Notes the timer of its repetition and cancels the one before; called as {@link FanOut#delivered} is. */
    void repeatWith(@Nullable Future<?> next) {
        Future<?> former = repetition;
        repetition = next;
        if (former != null) {
            former.cancel(false);
        }
    }

    /** Ends the accounting of the name and returns its holder; null if there is none. */
    @Nullable
    NameHolder releaseHolder() {
        NameHolder paying = holder;
        holder = null;
        return paying;
    }

    /** One more announcement is on its way into the log. */
    void expect() {
        expected++;
    }

    /** One that was on its way has arrived, or will not. */
    void expectOneLess() {
        expected--;
    }

    boolean isExpected() {
        return expected > 0;
    }

    /** Returns the bytes of the last value and of what is held. */
    int lastBytes() {
        Waiting present = waiting;
        int newest = present == null || present.first() == present.newest() ? 0 : bytes(present.newest());
        return bytesBeforeNewest() + newest;
    }

    /** Returns the same if one more, of this length, were held. */
    int lastBytesHolding(int oneMore) {
        return bytesBeforeNewest() + oneMore;
    }

    private int bytesBeforeNewest() {
        Waiting present = waiting;
        return bytes(last) + (present == null ? 0 : bytes(present.first()));
    }

    private static int bytes(@Nullable Dispatch dispatch) {
        return dispatch == null ? 0 : dispatch.announcement().message().raw().length;
    }

    /** Returns the bytes taken from the budget of last values. */
    int bytes() {
        return bytes;
    }

    void bytes(int taken) {
        bytes = taken;
    }

    /** Its announcements since the proxy began to listen. */
    AnnouncementCounts announcements() {
        return announcements;
    }

    /** Notes when it was announced for the first time, unless it was before this proxy began to listen. */
    void firstAnnounced(Instant time) {
        firstAnnounced = time;
    }

    RepositoryState state(RepositoryName repository, Instant now) {
        return new RepositoryState(
                repository,
                last,
                firstAnnounced,
                subscribers.get(),
                announcements.total(),
                announcements.lastHour(now));
    }

    /** Those that have at least one member. Not to be changed. */
    Audience[] audiences() {
        return audiences;
    }

    int subscribers() {
        return subscribers.get();
    }

    Subscription join(Subscriber subscriber, RepositoryName repository, DispatchQueue queue) {
        Subscription subscription = new Subscription(subscriber, audienceOn(queue, repository));
        subscription.audience().add(subscription);
        subscribers.incrementAndGet();
        return subscription;
    }

    private Audience audienceOn(DispatchQueue queue, RepositoryName repository) {
        for (Audience audience : audiences) {
            if (audience.queue() == queue) {
                return audience;
            }
        }
        Audience added = new Audience(repository, queue);
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

    /** Returns true if it has no announcement, known or on its way, and no subscriber. */
    boolean isForgettable() {
        return last == null && waiting == null && expected == 0 && subscribers.get() == 0;
    }
}
