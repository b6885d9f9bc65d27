package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.PollSchedule;
import java.time.Duration;

/**
 * How many may wait, and how gently replicas are read.
 *
 * @param pacing how often a gate reads its replicas
 * @param gates how many gates may wait at a time, 1 or more
 * @param readsPerHost how many questions one host is asked at a time, 1 or more
 * @param reads how many questions all hosts together are asked at a time, 1 or more
 * @param linger how long the connection to a notification server is kept after its last gate has ended, 0 or more
 */
public record WaitSettings(PollSchedule pacing, int gates, int readsPerHost, int reads, Duration linger) {

    /** 100,000 gates; 4 questions a host, 32 in all; connections stay for 30 s. */
    public static final WaitSettings DEFAULT =
            new WaitSettings(PollSchedule.DEFAULT, 100_000, 4, 32, Duration.ofSeconds(30));

    /** @throws InvalidInputException if a number is out of range */
    public WaitSettings {
        require("gates", gates);
        require("readsPerHost", readsPerHost);
        require("reads", reads);
        if (linger.isNegative() || linger.compareTo(Duration.ofDays(1)) > 0) {
            throw new InvalidInputException("waiting: linger is %s, allowed are 0 to a day".formatted(linger));
        }
    }

    private static void require(String name, int value) {
        if (value < 1) {
            throw new InvalidInputException("waiting: %s is %d, allowed are 1 and more".formatted(name, value));
        }
    }

    /** The same with another pacing. */
    public WaitSettings withPacing(PollSchedule other) {
        return new WaitSettings(other, gates, readsPerHost, reads, linger);
    }
}
