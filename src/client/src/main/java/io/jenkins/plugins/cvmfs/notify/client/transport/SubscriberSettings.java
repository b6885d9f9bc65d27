package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.time.Duration;

/**
 * The settings of a {@link NotificationSubscriber}. Immutable; two subscriptions with equal settings can share a subscriber.
 *
 * @param server the server to subscribe to
 * @param protocol the protocol, or the order in which to try several
 * @param token the bearer token, asked for at each attempt to connect
 * @param backlog the number of announcements that may wait for a slow listener before older ones are dropped, 1 or more
 * @param longestPause the longest pause between two attempts to connect, 1 s or more
 * @param early whether announcements are wanted also while the server holds them until its site can read their revision; servers that hold
 *     nothing ignore it
 */
public record SubscriberSettings(
        NotificationServer server,
        Protocol protocol,
        TokenSource token,
        int backlog,
        Duration longestPause,
        boolean early) {

    /** The default backlog. */
    public static final int DEFAULT_BACKLOG = 1000;

    /** The default for the longest pause. */
    public static final Duration DEFAULT_LONGEST_PAUSE = Duration.ofSeconds(30);

    /** A protocol that carries announcements to a subscriber. */
    public enum Protocol {
        /** WebSocket first, event streams if that fails; the protocol that worked is tried first at the next connection. */
        AUTO,
        /** One WebSocket for all repositories: spoken by the original service and by notify-proxy. */
        WEBSOCKET,
        /** Server-sent events: the repository gateway takes one repository a request, notify-proxy up to 64. */
        EVENT_STREAM
    }

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

    /** Anonymous, with {@link Protocol#AUTO} and the default limits. */
    public static SubscriberSettings of(NotificationServer server) {
        return new SubscriberSettings(
                server, Protocol.AUTO, TokenSource.NONE, DEFAULT_BACKLOG, DEFAULT_LONGEST_PAUSE, false);
    }

    /** Returns a copy with this protocol. */
    public SubscriberSettings withProtocol(Protocol other) {
        return new SubscriberSettings(server, other, token, backlog, longestPause, early);
    }

    /** Returns a copy with this token. */
    public SubscriberSettings withToken(TokenSource source) {
        return new SubscriberSettings(server, protocol, source, backlog, longestPause, early);
    }

    /** Returns a copy with this backlog. */
    public SubscriberSettings withBacklog(int announcements) {
        return new SubscriberSettings(server, protocol, token, announcements, longestPause, early);
    }

    /** Returns a copy with this longest pause. */
    public SubscriberSettings withLongestPause(Duration pause) {
        return new SubscriberSettings(server, protocol, token, backlog, pause, early);
    }

    /** Returns a copy that does not wait for what the server holds, or does. */
    public SubscriberSettings withEarly(boolean isEarly) {
        return new SubscriberSettings(server, protocol, token, backlog, longestPause, isEarly);
    }
}
