package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An announcement on its way to the subscribers that there were when the log delivered it, and how far it has come. The event loops
 * write to it, any thread may read.
 */
public final class Dispatch {

    /** Which of the subscribers a delivery is for. */
    enum Round {
        /** All that do not have it. */
        FIRST,
        /** Those that do not wait, while it is held. */
        EARLY,
        /** Those that have it and are to get it once more. */
        AGAIN
    }

    private final Round round;
    private final long sequence;
    private volatile Announcement announcement;
    private final Instant arrivedAt;
    private final long arrivedNanos = System.nanoTime();
    private final int audience;
    private final boolean history;
    private final Duration heldFor;
    private final AtomicInteger written = new AtomicInteger();
    private volatile @Nullable Duration writtenAfter;

    private Dispatch(
            Round round,
            long sequence,
            Announcement announcement,
            Instant arrivedAt,
            int audience,
            boolean history,
            Duration heldFor) {
        this.round = round;
        this.sequence = sequence;
        this.announcement = announcement;
        this.arrivedAt = arrivedAt;
        this.audience = audience;
        this.history = history;
        this.heldFor = heldFor;
    }

    /**
     * Begins the delivery of what the log has just read.
     *
     * @param audience how many subscribers are to get it
     * @param start when this proxy began to listen to the log: what is older than that it has only remembered
     */
    static Dispatch begin(long sequence, Announcement announcement, int audience, Clock clock, Instant start) {
        boolean history = announcement.announcedAt().isBefore(start);
        return new Dispatch(Round.FIRST, sequence, announcement, clock.instant(), audience, history, Duration.ZERO);
    }

    /** Returns the same announcement for those that get it once more. */
    Dispatch again() {
        return new Dispatch(Round.AGAIN, sequence, announcement, arrivedAt, audience, history, heldFor);
    }

    /** Returns the same announcement for those that do not wait until it is released. */
    Dispatch early() {
        return new Dispatch(Round.EARLY, sequence, announcement, arrivedAt, audience, history, heldFor);
    }

    /**
     * Ends the time for which it was held.
     *
     * @param subscribers how many are to get it now
     */
    Dispatch release(int subscribers) {
        Duration since = Duration.ofNanos(System.nanoTime() - arrivedNanos);
        return new Dispatch(Round.FIRST, sequence, announcement, arrivedAt, subscribers, history, since);
    }

    /** Returns when the log delivered it. */
    public Instant arrivedAt() {
        return arrivedAt;
    }

    boolean wasHeld() {
        return !heldFor.isZero();
    }

    Round round() {
        return round;
    }

    /**
     * Its place in the order in which this proxy's log delivered, from 1. Unlike log positions, sequences can always be compared, also
     * after the log was replaced while the proxy ran.
     */
    public long sequence() {
        return sequence;
    }

    /** Returns the announcement. */
    public Announcement announcement() {
        return announcement;
    }

    /** Replaces the announcement by the same with its position in the log, which was not known at its arrival. */
    void located(Announcement same) {
        announcement = same;
    }

    /** Returns true if it was announced before this proxy began to listen, so that its times do not measure this proxy. */
    public boolean isHistory() {
        return history;
    }

    /** Returns the number of subscribers at the time of its arrival. */
    public int audience() {
        return audience;
    }

    /** Returns the number of them to which it has been written. The others read slowly or have left. */
    public int written() {
        return written.get();
    }

    /**
     * From its acceptance, by whichever proxy, to its arrival from the log. With several proxies it is as right as their clocks are
     * alike, but never negative.
     */
    public Duration logDelay() {
        Duration delay = Duration.between(announcement.announcedAt(), arrivedAt);
        return delay.isNegative() ? Duration.ZERO : delay;
    }

    /** From its acceptance to the last write to a subscriber so far, the time it was held included; empty if there was none yet. */
    public Optional<Duration> propagation() {
        return Optional.ofNullable(writtenAfter).map(delayBefore()::plus);
    }

    /** From its acceptance to the begin of its delivery. */
    Duration delayBefore() {
        return logDelay().plus(heldFor);
    }

    /** So many more subscribers have it. Returns how long after its arrival, or its release, that is. */
    Duration wrote(int subscribers) {
        Duration after = Duration.ofNanos(System.nanoTime() - arrivedNanos);
        written.addAndGet(subscribers);
        writtenAfter = after;
        return after;
    }
}
