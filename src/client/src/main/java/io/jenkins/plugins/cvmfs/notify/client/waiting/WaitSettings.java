package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.PollSchedule;
import java.time.Duration;

/**
 * The limits of a {@link WaitService}.
 *
 * @param schedule how often a gate reads its replicas
 * @param maxGates how many gates may wait at a time, 1 or more
 * @param maxReadsPerHost how many reads of one host may be under way, 1 or more
 * @param maxReads how many reads of all hosts together may be under way, 1 or more
 * @param linger how long a connection to a notification server is kept after its last gate has ended, from 0 to a day
 */
public record WaitSettings(PollSchedule schedule, int maxGates, int maxReadsPerHost, int maxReads, Duration linger) {

    /** 100,000 gates; 4 reads a host, 32 in all; connections are kept for 30 s. */
    public static final WaitSettings DEFAULT =
            new WaitSettings(PollSchedule.DEFAULT, 100_000, 4, 32, Duration.ofSeconds(30));

    /** @throws InvalidInputException if a number is out of range */
    public WaitSettings {
        require("maxGates", maxGates);
        require("maxReadsPerHost", maxReadsPerHost);
        require("maxReads", maxReads);
        if (linger.isNegative() || linger.compareTo(Duration.ofDays(1)) > 0) {
            throw new InvalidInputException("wait settings: linger is %s, must be from 0 to a day".formatted(linger));
        }
    }

    private static void require(String name, int value) {
        if (value < 1) {
            throw new InvalidInputException("wait settings: %s is %d, must be at least 1".formatted(name, value));
        }
    }

    /** Returns these settings with another schedule. */
    public WaitSettings withSchedule(PollSchedule other) {
        return new WaitSettings(other, maxGates, maxReadsPerHost, maxReads, linger);
    }
}
