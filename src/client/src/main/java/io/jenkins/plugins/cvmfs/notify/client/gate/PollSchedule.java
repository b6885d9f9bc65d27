package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * The intervals at which a gate reads its replicas. Every pause varies at random by up to a fifth in either direction, so that many gates do
 * not read at once.
 *
 * @param interval between two reads of a replica while announcements can arrive, or if the replica already counts
 * @param disconnectedInterval between two reads while no announcement can arrive
 * @param firstRetry first pause after a read that failed or found a replica behind an existing revision; it doubles up to the
 *     interval
 * @param minInterval least time between the starts of two reads of one replica, whatever is announced
 * @param spread an announcement starts reads at random within this time
 * @param connectWait how long the first read waits for the connection to the notification server
 * @param finalCheck how long a gate that is resumed, or opened at or after its deadline, may still read each replica once
 * @param lead how long before the deadline the replicas are read for the last time
 */
public record PollSchedule(
        Duration interval,
        Duration disconnectedInterval,
        Duration firstRetry,
        Duration minInterval,
        Duration spread,
        Duration connectWait,
        Duration finalCheck,
        Duration lead) {

    private static final Duration LONGEST = Duration.ofDays(1);

    /** Reads every 60 s, every 15 s without a connection, and again after 2 s, 4 s, 8 s ... while a replica is behind. */
    public static final PollSchedule DEFAULT = new PollSchedule(
            Duration.ofSeconds(60),
            Duration.ofSeconds(15),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofMillis(500),
            Duration.ofSeconds(2),
            Duration.ofSeconds(30),
            Duration.ofSeconds(3));

    /** @throws InvalidInputException if a duration is not positive, or longer than a day */
    public PollSchedule {
        require("interval", interval);
        require("disconnectedInterval", disconnectedInterval);
        require("firstRetry", firstRetry);
        require("minInterval", minInterval);
        require("spread", spread);
        require("connectWait", connectWait);
        require("finalCheck", finalCheck);
        require("lead", lead);
    }

    private static void require(String name, Duration value) {
        if (value.isNegative() || value.isZero() || value.compareTo(LONGEST) > 0) {
            throw new InvalidInputException(
                    "poll schedule: %s is %s, must be above zero and at most a day".formatted(name, value));
        }
    }

    /** Draws the instants of one gate's reads. */
    static final class Times {

        private final PollSchedule schedule;
        private final RandomGenerator random;
        private final Instant deadline;

        Times(PollSchedule schedule, RandomGenerator random, Instant deadline) {
            this.schedule = schedule;
            this.random = random;
            this.deadline = deadline;
        }

        /** Returns the time of the first read, which waits for the connection unless that leaves no time before the deadline. */
        Instant first(Instant now, boolean subscribes) {
            Instant connected = now.plus(schedule.connectWait);
            return subscribes && connected.isBefore(lastRead()) ? connected : now;
        }

        /** Returns the time of a read that an announcement, a connection or another replica causes. */
        Instant triggered(Instant now) {
            return now.plusNanos(random.nextLong(schedule.spread.toNanos() + 1));
        }

        /**
         * Returns the time of the read after one that ended now.
         *
         * @param relaxed true if announcements can arrive meanwhile, or are not needed
         * @param misses how many reads in a row failed or found the replica behind; 0 for the full interval
         */
        Instant next(Instant now, boolean relaxed, int misses) {
            Duration interval = relaxed ? schedule.interval : schedule.disconnectedInterval;
            Instant next = now.plus(varied(misses == 0 ? interval : backOff(misses, interval)));
            return next.isAfter(lastRead()) && lastRead().isAfter(notBefore(now)) ? lastRead() : next;
        }

        /** Returns the earliest start of a read after one that started then. */
        Instant notBefore(Instant previousRead) {
            return previousRead.plus(schedule.minInterval);
        }

        boolean isIntervalOver(Instant since, Instant now) {
            return !now.isBefore(since.plus(schedule.interval));
        }

        /** Returns true if this instant is further ahead than any drawn here, because the clock was set back since. */
        boolean isUnreachable(Instant next, Instant now) {
            Duration longest = schedule.interval.compareTo(schedule.disconnectedInterval) > 0
                    ? schedule.interval
                    : schedule.disconnectedInterval;
            return next.isAfter(now.plus(longest.multipliedBy(2))
                    .plus(schedule.connectWait)
                    .plus(schedule.spread)
                    .plus(schedule.minInterval));
        }

        private Instant lastRead() {
            return deadline.minus(schedule.lead);
        }

        private Duration backOff(int misses, Duration limit) {
            Duration pause = schedule.firstRetry;
            for (int i = 1; i < misses && pause.compareTo(limit) < 0; i++) {
                pause = pause.multipliedBy(2);
            }
            return pause.compareTo(limit) < 0 ? pause : limit;
        }

        private Duration varied(Duration pause) {
            long fifth = pause.toNanos() / 5;
            return pause.plusNanos(random.nextLong(-fifth, fifth + 1));
        }
    }
}
