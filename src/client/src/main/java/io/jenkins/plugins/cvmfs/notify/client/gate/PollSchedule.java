package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.time.Duration;

/**
 * How often a gate reads its replicas. Every pause is varied by up to a fifth in either direction, so that many waiters do not
 * ask at once.
 *
 * @param slow between two reads while announcements can arrive, and of a replica that already counts
 * @param alone between two reads while no announcement can arrive
 * @param eager first pause after a read that found a replica behind although the revision exists, or that failed; it doubles
 *     up to {@code slow} or {@code alone}
 * @param gap least time between the starts of two reads of one replica, whatever is announced
 * @param wake an announcement starts reads within this time, at random
 * @param connect how long the first read waits for the connection to the notification server
 * @param lastLook how long a gate that is opened at or after its deadline may still read each replica once
 * @param lead how long before the deadline the replicas are read for the last time
 */
public record PollSchedule(
        Duration slow,
        Duration alone,
        Duration eager,
        Duration gap,
        Duration wake,
        Duration connect,
        Duration lastLook,
        Duration lead) {

    /** Reads every minute, every 15 s without a connection, and eagerly from 2 s on. */
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
        require("slow", slow);
        require("alone", alone);
        require("eager", eager);
        require("gap", gap);
        require("wake", wake);
        require("connect", connect);
        require("lastLook", lastLook);
        require("lead", lead);
    }

    private static void require(String name, Duration value) {
        if (value.isNegative() || value.isZero() || value.compareTo(Duration.ofDays(1)) > 0) {
            throw new InvalidInputException(
                    "pacing '%s' is %s, must be above zero and at most a day".formatted(name, value));
        }
    }
}
