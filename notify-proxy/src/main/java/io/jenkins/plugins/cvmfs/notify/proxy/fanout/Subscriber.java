package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Audience.Subscription;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Dispatch.Round;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.IoUringBatch;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection that hears of repositories: in order for each of them, none twice, never back in the log. What it does not read
 * in time gives way to newer announcements of the same repository.
 *
 * <p>Made by {@link FanOut#subscriber}; used on its channel's event loop only; its pipeline must pass on {@link
 * #writabilityChanged()}, call {@link #close()} when the channel closes, and act on {@link SubscriberEvent}.
 */
public final class Subscriber {

    private final FanOut fanOut;
    private final DispatchQueue queue;
    private final Channel channel;
    private final SocketWriter writer;
    private final DeliveryTerms terms;
    private final Map<RepositoryName, Subscription> subscriptions = new HashMap<>(2);

    /**
     * The unsent announcements while it does not keep up: of each repository only the newest, so at most as many as it has subscriptions. The
     * first one waits longest, or its predecessor did. Null while it keeps up.
     */
    private @Nullable Map<RepositoryName, Dispatch> backlog;

    private @Nullable Future<?> stalled;
    private int budgeted;
    private int written;
    private boolean closed;

    Subscriber(FanOut fanOut, DispatchQueue queue, Channel channel, DeliveryTerms terms) {
        this.fanOut = fanOut;
        this.queue = queue;
        this.channel = channel;
        this.writer = new SocketWriter(channel);
        this.terms = terms;
    }

    /**
     * Subscribes, and sends the repository's last announcement if that is news: at once, or after a delay if the terms ask for one and
     * the address received it before. Subscribing again sends it again, and changes nothing else.
     *
     * @param limit how many repositories this connection may subscribe to
     * @param holder on whose account the name is kept if it is new
     */
    public SubscribeResult subscribe(RepositoryName repository, ResumePoint resume, int limit, NameHolder holder) {
        assert queue.loop().inEventLoop();
        if (closed) {
            return SubscribeResult.SUBSCRIBED;
        }
        Subscription subscription = subscriptions.get(repository);
        boolean isNew = subscription == null;
        if (subscription == null) {
            if (subscriptions.size() >= limit) {
                return SubscribeResult.TOO_MANY_SUBSCRIPTIONS;
            }
            subscription = fanOut.join(this, repository, queue, holder);
            if (subscription == null) {
                return SubscribeResult.TOO_MANY_REPOSITORIES;
            }
            subscriptions.put(repository, subscription);
        }
        replay(repository, subscription, resume, isNew);
        return SubscribeResult.SUBSCRIBED;
    }

    private void replay(RepositoryName repository, Subscription subscription, ResumePoint resume, boolean isNew) {
        Dispatch newest = fanOut.newestDispatch(repository);
        Dispatch last = terms.early() ? newest : fanOut.lastDispatch(repository);
        if (newest != null && newest != last && !resume.wants(newest.announcement())) {
            // It has what is held here, from another proxy or from when it did not wait.
            subscription.advanceTo(newest);
        }
        boolean before = isNew && receivedBefore(repository, last);
        if (last == null) {
            return;
        }
        subscription.advanceTo(last);
        if (resume.wants(last.announcement())) {
            Duration delay = before ? fanOut.redelivery().delayReplay() : Duration.ZERO;
            if (delay.isZero()) {
                send(repository, last);
            } else {
                Runnable replay = () -> replayDelayed(repository, subscription, last);
                subscription.replayLater(queue.loop().schedule(replay, delay.toNanos(), TimeUnit.NANOSECONDS));
            }
        }
    }

    private boolean receivedBefore(RepositoryName repository, @Nullable Dispatch last) {
        InetAddress address = terms.delaysReplaysOf();
        return address != null && fanOut.redelivery().joined(address, repository, last == null ? 0 : last.sequence());
    }

    /** Sends the last value unless a newer one came, or the repository was forgotten. */
    private void replayDelayed(RepositoryName repository, Subscription subscription, Dispatch last) {
        Dispatch present = terms.early() ? fanOut.newestDispatch(repository) : fanOut.lastDispatch(repository);
        // Compared by number, because what was held is another dispatch when it is released.
        if (subscription.lastSequence() == last.sequence()
                && present != null
                && present.sequence() == last.sequence()) {
            send(repository, last);
        }
    }

    private void send(RepositoryName repository, Dispatch last) {
        if (isHeldUp()) {
            keep(repository, last);
        } else {
            writeAlone(last);
        }
    }

    /** Sends, with the batch if there is one, or keeps for later, what a sweep brings. Returns whether it is sent. */
    boolean offer(RepositoryName repository, Dispatch dispatch, SharedFrames frames, @Nullable IoUringBatch batch) {
        if (isHeldUp()) {
            if (dispatch.round() != Round.AGAIN || backlog == null || !backlog.containsKey(repository)) {
                keep(repository, dispatch);
            }
            return false;
        }
        written++;
        if (batch == null) {
            writer.write(frames.in(terms.format()));
        } else {
            writer.write(frames.in(terms.format()), batch);
        }
        return true;
    }

    private boolean isHeldUp() {
        return backlog != null || !channel.isWritable();
    }

    private void keep(RepositoryName repository, Dispatch dispatch) {
        if (backlog == null) {
            backlog = new LinkedHashMap<>();
            fanOut.metrics().behind.increment();
        }
        if (backlog.put(repository, dispatch) != null) {
            fanOut.metrics().conflatedAtSubscriber.increment();
        } else {
            fanOut.metrics().kept.increment();
        }
    }

    /** Writes a frame for this subscriber only. */
    private void writeAlone(Dispatch dispatch) {
        ByteBuf frame = terms.format().encode(dispatch.announcement(), channel.alloc());
        written++;
        fanOut.metrics().delivered(terms.format(), 1);
        try {
            writer.write(frame);
        } finally {
            frame.release();
        }
    }

    /** To be called whenever the channel becomes writable or ceases to be. */
    public void writabilityChanged() {
        if (closed) {
            return;
        }
        while (backlog != null && channel.isWritable()) {
            writeKept(backlog);
        }
        if (channel.isWritable()) {
            stopWatch();
        } else if (stalled == null) {
            fellBehind();
        }
    }

    private void fellBehind() {
        int most = channel.config().getWriteBufferHighWaterMark();
        if (fanOut.backlogs().take(most)) {
            budgeted = most;
            stalled = queue.loop()
                    .schedule(
                            () -> channel.pipeline().fireUserEventTriggered(SubscriberEvent.STALLED),
                            fanOut.stalledTimeout().toNanos(),
                            TimeUnit.NANOSECONDS);
        } else {
            channel.pipeline().fireUserEventTriggered(SubscriberEvent.NO_ROOM_TO_WAIT);
        }
    }

    /** Sends what was kept back although the channel is not writable: before the connection's last words. */
    public void sendRest() {
        while (backlog != null) {
            writeKept(backlog);
        }
    }

    private void writeKept(Map<RepositoryName, Dispatch> kept) {
        Iterator<Dispatch> first = kept.values().iterator();
        Dispatch next = first.next();
        // Before the write, which may end up in writabilityChanged() again.
        first.remove();
        fanOut.metrics().kept.decrement();
        if (kept.isEmpty()) {
            caughtUp();
        }
        writeAlone(next);
    }

    private void caughtUp() {
        backlog = null;
        fanOut.metrics().behind.decrement();
    }

    private void stopWatch() {
        if (stalled != null) {
            stalled.cancel(false);
            stalled = null;
            fanOut.backlogs().giveBack(budgeted);
        }
    }

    /** Returns the number of announcements written; wraps around. A change means traffic. */
    public int written() {
        return written;
    }

    /** Gives up all subscriptions. Closing twice is fine. */
    public void close() {
        assert queue.loop().inEventLoop();
        closed = true;
        stopWatch();
        if (backlog != null) {
            fanOut.metrics().kept.add(-backlog.size());
            caughtUp();
        }
        subscriptions.forEach(this::leave);
        subscriptions.clear();
    }

    private void leave(RepositoryName repository, Subscription subscription) {
        subscription.cancelReplay();
        fanOut.leave(subscription);
        if (terms.delaysReplaysOf() != null) {
            fanOut.redelivery().left(terms.delaysReplaysOf(), repository, subscription.lastSequence());
        }
    }

    DeliveryTerms terms() {
        return terms;
    }
}
