package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One event stream and the repositories it was asked for, which never change: another set takes another stream. Watches that
 * the server lives: by its comments if it sends any, and if not by asking anew from time to time, since then silence looks like
 * death.
 */
final class SubscribedStream implements EventStream.Listener {

    /** What the stream tells its channel; each from one thread at a time, and never after {@link #close()}. */
    interface Owner {

        /** The server has taken on the subscription; once, first. */
        void accepted(SubscribedStream stream);

        void received(SubscribedStream stream, byte[] message);

        /** Once, last. */
        void ended(SubscribedStream stream, int status, NotifyException cause);
    }

    /** Three times the interval in which our proxy comments. */
    private static final Duration LONGEST_BETWEEN_COMMENTS = Duration.ofSeconds(90);

    /** From a server that never comments. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(30);

    /** The server's answer, but for the gateway's, must begin within this time. */
    private static final Duration LONGEST_TO_ANSWER = Duration.ofSeconds(20);

    /**
     * The gateway answers nothing, not even headers, before the first event; so a request that it has not refused for this
     * long counts as accepted.
     */
    private static final Duration LONGEST_REFUSAL = Duration.ofSeconds(3);

    private final List<RepositoryName> repositories;
    private final StreamStyle style;
    private final Timer timer;
    private final Owner owner;
    private @Nullable String lastEventId;
    private @Nullable EventStream stream;
    private IdleMonitor liveness;
    private Timer.Alarm grace = () -> {};
    private boolean isAccepted;
    private boolean comments;
    private boolean isEnded;

    /** @param lastEventId what was heard last on an earlier stream for the same repositories, or null */
    SubscribedStream(
            List<RepositoryName> repositories,
            @Nullable String lastEventId,
            StreamStyle style,
            Timer timer,
            Owner owner) {
        this.repositories = List.copyOf(repositories);
        this.lastEventId = lastEventId;
        this.style = style;
        this.timer = timer;
        this.owner = owner;
        this.liveness = watch(LONGEST_SILENCE);
    }

    private IdleMonitor watch(Duration longestSilence) {
        return new IdleMonitor(
                timer,
                longestSilence,
                () -> {},
                () -> ended(
                        0,
                        new TransientFailureException("the event stream was silent for %d s; asking anew"
                                .formatted(longestSilence.toSeconds()))));
    }

    /** Sends the request. */
    void open(HttpSender client, HttpRequest request) {
        startGrace();
        EventStream opened = EventStream.open(client, request, timer, this);
        if (!keep(opened)) {
            opened.close();
        }
    }

    private synchronized void startGrace() {
        grace = style == StreamStyle.BODY
                ? timer.after(LONGEST_REFUSAL, this::accepted)
                : timer.after(LONGEST_TO_ANSWER, this::unanswered);
    }

    private void unanswered() {
        ended(
                0,
                new TransientFailureException("the server has not answered the request for an event stream within %d s"
                        .formatted(LONGEST_TO_ANSWER.toSeconds())));
    }

    private synchronized boolean keep(EventStream opened) {
        stream = opened;
        return !isEnded;
    }

    List<RepositoryName> repositories() {
        return repositories;
    }

    StreamStyle style() {
        return style;
    }

    synchronized Optional<String> lastEventId() {
        return Optional.ofNullable(lastEventId);
    }

    @Override
    public void accepted() {
        synchronized (this) {
            if (isAccepted || isEnded) {
                return;
            }
            isAccepted = true;
            grace.cancel();
            liveness.start();
        }
        owner.accepted(this);
    }

    @Override
    public void event(byte[] data, @Nullable String id) {
        synchronized (this) {
            if (isEnded) {
                return;
            }
            liveness.heard();
            lastEventId = id;
        }
        owner.received(this, data);
    }

    @Override
    public synchronized void comment() {
        if (!comments && !isEnded) {
            comments = true;
            liveness.stop();
            liveness = watch(LONGEST_BETWEEN_COMMENTS);
            liveness.start();
        }
        liveness.heard();
    }

    @Override
    public void ended(int status, NotifyException cause) {
        if (stop()) {
            owner.ended(this, status, cause);
        }
    }

    /** Ends the stream. Twice is fine. */
    void close() {
        stop();
    }

    /** Whether this was the first call. */
    private boolean stop() {
        EventStream open;
        synchronized (this) {
            if (isEnded) {
                return false;
            }
            isEnded = true;
            grace.cancel();
            liveness.stop();
            open = stream;
        }
        if (open != null) {
            open.close();
        }
        return true;
    }
}
