package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig.FairShareConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import java.time.Duration;

/** Limits small enough that a test reaches them. */
public final class TestLimits {

    public static final int MAX_MESSAGE_BYTES = 2048;
    public static final int MAX_HEADER_BYTES = 1024;
    public static final int BACKLOG_BYTES = 4096;
    public static final Duration REQUEST = Duration.ofSeconds(30);
    public static final Duration HANDSHAKE = Duration.ofSeconds(20);
    public static final Duration IDLE = Duration.ofMinutes(2);
    public static final Duration PING = Duration.ofSeconds(50);
    public static final Duration STALLED = Duration.ofMinutes(1);
    public static final Duration DRAIN = Duration.ofSeconds(20);

    private TestLimits() {}

    public static LimitsConfig small() {
        return limits(50, TestConfigs.fairShare(), HANDSHAKE, DRAIN);
    }

    public static LimitsConfig withConnections(int maxConnections) {
        return limits(maxConnections, TestConfigs.fairShare(), HANDSHAKE, DRAIN);
    }

    public static LimitsConfig withDrainTimeout(Duration drainTimeout) {
        return limits(50, TestConfigs.fairShare(), HANDSHAKE, drainTimeout);
    }

    public static LimitsConfig with(FairShareConfig fairShare) {
        return limits(50, fairShare, HANDSHAKE, DRAIN);
    }

    public static LimitsConfig withHandshakeTimeout(Duration handshakeTimeout) {
        return limits(50, TestConfigs.fairShare(), handshakeTimeout, DRAIN);
    }

    /** Room for one body of the greatest length there is. */
    public static LimitsConfig withRoomForOneLongBody() {
        LimitsConfig small = small();
        return new LimitsConfig(
                small.maxConnections(),
                small.maxSubscriptionsPerConnection(),
                small.repositories(),
                128 * 1024,
                small.maxPendingPublishes(),
                small.maxHeaderBytes(),
                small.backlogBytes(),
                new FairShareConfig(50, 0, 0, 1 << 20, 128 * 1024),
                REQUEST,
                HANDSHAKE,
                IDLE,
                PING,
                STALLED,
                DRAIN);
    }

    private static LimitsConfig limits(
            int maxConnections, FairShareConfig fairShare, Duration handshakeTimeout, Duration drainTimeout) {
        return new LimitsConfig(
                maxConnections,
                3,
                TestConfigs.repositories(5),
                MAX_MESSAGE_BYTES,
                4,
                MAX_HEADER_BYTES,
                BACKLOG_BYTES,
                fairShare,
                REQUEST,
                handshakeTimeout,
                IDLE,
                PING,
                STALLED,
                drainTimeout);
    }
}
