package io.jenkins.plugins.cvmfs.notify.client.gate;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/** Draws the instants of the next reads. */
final class PollTimes {

    private static final Duration LONGEST = Duration.ofDays(1);

    private final PollSchedule pacing;
    private final RandomGenerator random;
    private final Instant deadline;

    PollTimes(PollSchedule pacing, RandomGenerator random, Instant deadline) {
        this.pacing = pacing;
        this.random = random;
        this.deadline = deadline;
    }

    /** The first read of all, which leaves the connection a moment to come up; at once if that leaves no time for reading. */
    Instant first(Instant now, boolean subscribes) {
        Instant patient = now.plus(pacing.connect());
        return subscribes && patient.isBefore(deadline.minus(pacing.lead())) ? patient : now;
    }

    /** A read that an announcement, a connection or another replica asks for. */
    Instant woken(Instant now) {
        return now.plusNanos(random.nextLong(pacing.wake().toNanos() + 1));
    }

    /**
     * The read after one that has just ended.
     *
     * @param hears whether announcements can arrive meanwhile, or are not needed
     * @param fruitless how many reads in a row found less than there should be; 0 if there is no hurry
     */
    Instant next(Instant now, boolean hears, int fruitless) {
        Duration calm = hears ? pacing.slow() : pacing.alone();
        Instant next = now.plus(varied(fruitless == 0 ? calm : eager(fruitless, calm)));
        Instant last = deadline.minus(pacing.lead());
        return next.isAfter(last) && last.isAfter(afterGap(now)) ? last : next;
    }

    /** The earliest start of a read after one that started then. */
    Instant afterGap(Instant lastRead) {
        return lastRead.plus(pacing.gap());
    }

    /** Whether so much time has passed that even something unimportant may be asked again. */
    boolean isLongAgo(Instant then, Instant now) {
        return !now.isBefore(then.plus(pacing.slow()));
    }

    /** Whether this instant lies further ahead than any that is drawn: the clock was set back since. */
    boolean isOutOfReach(Instant next, Instant now) {
        Duration longest = pacing.slow().compareTo(pacing.alone()) > 0 ? pacing.slow() : pacing.alone();
        Duration reach = longest.multipliedBy(2)
                .plus(pacing.connect())
                .plus(pacing.wake())
                .plus(pacing.gap());
        return next.isAfter(now.plus(reach));
    }

    private Duration eager(int fruitless, Duration limit) {
        Duration pause = pacing.eager();
        for (int i = 1; i < fruitless && pause.compareTo(LONGEST) < 0; i++) {
            pause = pause.multipliedBy(2);
        }
        return pause.compareTo(limit) < 0 ? pause : limit;
    }

    private Duration varied(Duration pause) {
        long fifth = pause.toNanos() / 5;
        return pause.plusNanos(random.nextLong(-fifth, fifth + 1));
    }
}
