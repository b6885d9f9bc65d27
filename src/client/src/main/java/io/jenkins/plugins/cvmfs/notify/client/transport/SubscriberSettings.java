package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.time.Duration;

/**
 * How to subscribe.
 *
 * @param server where
 * @param protocol how
 * @param token the credentials
 * @param backlog how many activities may wait for a slow listener before older ones give way, 1 or more
 * @param longestPause the longest pause between two attempts to connect, 1 s or more
 */
public record SubscriberSettings(
        NotificationServer server, SubscribeProtocol protocol, TokenSource token, int backlog, Duration longestPause) {

    /** The backlog unless another is set. */
    public static final int DEFAULT_BACKLOG = 1000;

    /** The longest pause unless another is set. */
    public static final Duration DEFAULT_LONGEST_PAUSE = Duration.ofSeconds(30);

    /** @throws InvalidInputException if a number is out of range */
    public SubscriberSettings {
        if (backlog < 1) {
            throw new InvalidInputException(
                    "the subscriber's backlog is %d, allowed are 1 and more".formatted(backlog));
        }
        if (longestPause.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new InvalidInputException(
                    "the subscriber's longest pause is %s, allowed are PT1S and more".formatted(longestPause));
        }
    }

    /** Anonymous, by whatever protocol the server speaks. */
    public static SubscriberSettings of(NotificationServer server) {
        return new SubscriberSettings(
                server, SubscribeProtocol.AUTO, TokenSource.NONE, DEFAULT_BACKLOG, DEFAULT_LONGEST_PAUSE);
    }

    /** The same by another protocol. */
    public SubscriberSettings withProtocol(SubscribeProtocol other) {
        return new SubscriberSettings(server, other, token, backlog, longestPause);
    }

    /** The same with a token. */
    public SubscriberSettings withToken(TokenSource source) {
        return new SubscriberSettings(server, protocol, source, backlog, longestPause);
    }

    /** The same with another backlog. */
    public SubscriberSettings withBacklog(int activities) {
        return new SubscriberSettings(server, protocol, token, activities, longestPause);
    }

    /** The same with another longest pause. */
    public SubscriberSettings withLongestPause(Duration pause) {
        return new SubscriberSettings(server, protocol, token, backlog, pause);
    }
}
