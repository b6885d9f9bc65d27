package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.AnnouncementCounts.Range;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.AnnouncementCounts.Series;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.Audience.Subscription;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.jenkins.plugins.cvmfs.notify.proxy.netty.ByteBudget;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Delivers announcements from the log to the subscribers: sends each repository's last value to new subscribers, and each new
 * announcement to all. The log alone decides which last values there are; each topic refers to the same message, together with its
 * number and how far it has come. Queries may come from any thread.
 */
public final class FanOut implements LogListener {

    /** The answer to {@link #reserve}. */
    public enum Reservation {
        /** There is room, reserved until {@link #release}. */
        RESERVED,
        /** The repository is new, and there are as many as allowed. */
        TOO_MANY_REPOSITORIES,
        /** The last values of all repositories take as much memory as allowed. */
        TOO_MANY_BYTES
    }

    /**
     * The held announcements of one repository.
     *
     * @param first the oldest
     * @param newest the same, if there is one only
     * @param highest the highest revision of them, and of the last value before them
     */
    public record Waiting(Dispatch first, Dispatch newest, Revision highest) {

        /** Returns true if the newest is lower than one that was announced before it. */
        public boolean isRollback() {
            return highest.isNewerThan(newest.announcement().message().revision());
        }
    }

    private final ConcurrentMap<RepositoryName, RepositoryTopic> topics = new ConcurrentHashMap<>();
    private final ConcurrentMap<EventLoop, DispatchQueue> queues = new ConcurrentHashMap<>();
    private final Room room;
    private final Duration stalledTimeout;
    private final UnannouncedNames unannounced;
    private final ByteBudget lastValueBytes;
    private final ByteBudget backlogs;
    private final FanOutMetrics metrics;
    private final Redelivery redelivery;
    /** Held while something is told, so that all event loops hear it in one order; nothing in it waits. */
    private final Object order = new Object();

    private final RecentDispatches recent = new RecentDispatches();
    private final AnnouncementCounts announcements = new AnnouncementCounts();
    private final Clock clock;
    private final Instant start;
    private long sequence;

    /**
     * @param repositories how many are remembered or subscribed to, and what is kept of them
     * @param stalledTimeout time a subscriber may leave data unread before it is cut off
     * @param maxBacklogBytes unsent data of all subscribers that are behind
     * @param redelivery what CVMFS clients get a second time
     * @param clock tells how long ago something was announced
     */
    public FanOut(
            RepositoryLimits repositories,
            Duration stalledTimeout,
            long maxBacklogBytes,
            Redelivery redelivery,
            Clock clock,
            MeterRegistry meters) {
        this.room = new Room(repositories.maxRepositories());
        this.unannounced = new UnannouncedNames(repositories);
        this.lastValueBytes = new ByteBudget(repositories.maxLastValueBytes());
        this.backlogs = new ByteBudget(maxBacklogBytes);
        this.stalledTimeout = stalledTimeout;
        this.redelivery = redelivery;
        this.clock = clock;
        this.start = clock.instant();
        this.metrics = new FanOutMetrics(meters, topics, queues.values());
        FanOutMetrics.watch(meters, backlogs, lastValueBytes, unannounced);
    }

    /**
     * Takes room for an announcement before it enters the log, so that what the log takes on is remembered. Each {@link
     * Reservation#RESERVED} asks for one {@link #release} once the log has answered. From any thread.
     *
     * @param bytes the length of the message
     */
    public Reservation reserve(RepositoryName repository, int bytes) {
        Reservation[] result = {Reservation.RESERVED};
        topics.compute(repository, (name, known) -> {
            RepositoryTopic topic = known == null ? topicIfRoom() : known;
            if (topic == null) {
                result[0] = Reservation.TOO_MANY_REPOSITORIES;
            } else if (takeBytes(topic, bytes)) {
                topic.expect();
            } else {
                result[0] = Reservation.TOO_MANY_BYTES;
            }
            return kept(topic);
        });
        return result[0];
    }

    /** While announcements are on their way into the log, the longest of them counts. */
    private boolean takeBytes(RepositoryTopic topic, int bytes) {
        int more = bytes - topic.bytes();
        if (more > 0) {
            if (!lastValueBytes.take(more)) {
                return false;
            }
            topic.bytes(bytes);
        }
        return true;
    }

    /** Gives back what {@link #reserve} took: the announcement has been delivered, or will not be. From any thread. */
    public void release(RepositoryName repository) {
        topics.computeIfPresent(repository, (name, topic) -> {
            topic.expectOneLess();
            countBytes(topic);
            return kept(topic);
        });
    }

    private void countBytes(RepositoryTopic topic) {
        int needed = topic.isExpected() ? Math.max(topic.bytes(), topic.lastBytes()) : topic.lastBytes();
        lastValueBytes.takeAnyway(needed - topic.bytes());
        topic.bytes(needed);
    }

    /** Keeps a topic that is needed; otherwise makes room for another one. */
    private @Nullable RepositoryTopic kept(@Nullable RepositoryTopic topic) {
        if (topic == null || !topic.isForgettable()) {
            return topic;
        }
        room.release();
        releaseHolder(topic);
        return null;
    }

    private void releaseHolder(RepositoryTopic topic) {
        NameHolder paying = topic.releaseHolder();
        if (paying != null) {
            unannounced.giveBack(paying);
        }
    }

    @Override
    public void delivered(Announcement announcement) {
        synchronized (order) {
            metrics.announced.increment();
            sequence++;
            // The last value first: a subscriber that joins after this finds it, an earlier one is in an audience.
            RepositoryTopic topic = update(
                    announcement.message().repository(),
                    (kept, dispatch) -> {
                        kept.last(dispatch);
                        kept.holdNothing();
                    },
                    announcement);
            Dispatch dispatch = Objects.requireNonNull(topic.last());
            count(topic, dispatch);
            tell(topic, dispatch);
        }
    }

    /**
     * Takes an announcement that is to be told when it is {@linkplain #release released}; those that do not wait are told now. Called as
     * {@link #delivered} is.
     *
     * @return false if there is no memory to keep it besides the last value: then nothing has changed
     */
    public boolean hold(Announcement announcement) {
        synchronized (order) {
            if (!takeBytesToHold(announcement)) {
                return false;
            }
            metrics.announced.increment();
            sequence++;
            RepositoryTopic topic = update(announcement.message().repository(), RepositoryTopic::hold, announcement);
            Dispatch dispatch = Objects.requireNonNull(topic.newest());
            count(topic, dispatch);
            offer(topic, dispatch.early());
            return true;
        }
    }

    /** The room for an announcement that is told at once is always there: the log has it. */
    private boolean takeBytesToHold(Announcement announcement) {
        int alone = announcement.message().raw().length;
        boolean[] taken = {true};
        topics.computeIfPresent(announcement.message().repository(), (name, topic) -> {
            int together = topic.lastBytesHolding(alone);
            taken[0] = together <= alone || takeBytes(topic, together);
            return topic;
        });
        return taken[0];
    }

    /** Makes a topic remember an announcement. */
    private RepositoryTopic update(
            RepositoryName repository, BiConsumer<RepositoryTopic, Dispatch> remember, Announcement announcement) {
        return topics.compute(repository, (name, known) -> {
            RepositoryTopic kept = known == null ? announcedTopic() : known;
            Dispatch dispatch = Dispatch.begin(sequence, announcement, kept.subscribers(), clock, start);
            if (kept.newest() == null && !dispatch.isHistory()) {
                kept.firstAnnounced(dispatch.arrivedAt());
            }
            remember.accept(kept, dispatch);
            countBytes(kept);
            releaseHolder(kept);
            return kept;
        });
    }

    /**
     * Tells all subscribers of a held announcement, and makes it the last value. Does nothing if it is not held any more: it was told
     * or forgotten, or a newer one was. From any thread.
     */
    public void release(Dispatch held) {
        synchronized (order) {
            Dispatch[] released = new Dispatch[1];
            RepositoryTopic topic =
                    topics.computeIfPresent(held.announcement().message().repository(), (name, known) -> {
                        released[0] = known.release(held);
                        countBytes(known);
                        return known;
                    });
            if (topic != null && released[0] != null) {
                tell(topic, released[0]);
            }
        }
    }

    /** Returns what is held of a repository; empty if nothing is. */
    public Optional<Waiting> waiting(RepositoryName repository) {
        return Optional.ofNullable(topics.get(repository)).map(RepositoryTopic::waiting);
    }

    private void tell(RepositoryTopic topic, Dispatch dispatch) {
        if (!dispatch.isHistory()) {
            Dispatch left = recent.add(dispatch);
            if (left != null) {
                announcements.took(left);
            }
            metrics.dispatched(dispatch);
        }
        offer(topic, dispatch);
        topic.repeatWith(redelivery.schedule(dispatch, clock, () -> repeat(topic, dispatch)));
    }

    private static void offer(RepositoryTopic topic, Dispatch dispatch) {
        for (Audience audience : topic.audiences()) {
            audience.queue().offer(audience, dispatch);
        }
    }

    private static void repeat(RepositoryTopic topic, Dispatch dispatch) {
        if (topic.last() == dispatch) {
            offer(topic, dispatch.again());
        }
    }

    @Override
    public void located(Announcement announcement) {
        topics.computeIfPresent(announcement.message().repository(), (name, topic) -> {
            topic.located(announcement);
            return topic;
        });
    }

    @Override
    public void forgotten(RepositoryName repository) {
        synchronized (order) {
            topics.computeIfPresent(repository, (name, topic) -> {
                topic.last(null);
                topic.holdNothing();
                countBytes(topic);
                return kept(topic);
            });
        }
    }

    @Override
    public boolean awaits(RepositoryName repository) {
        return topics.containsKey(repository);
    }

    private void count(RepositoryTopic topic, Dispatch dispatch) {
        if (!dispatch.isHistory()) {
            Instant now = clock.instant();
            topic.announcements().count(now);
            announcements.count(now);
        }
    }

    private @Nullable RepositoryTopic topicIfRoom() {
        return room.tryAcquire() ? new RepositoryTopic(null) : null;
    }

    /** The log decides which last values there are, so there is always room for one. */
    private RepositoryTopic announcedTopic() {
        room.takeAnyway();
        return new RepositoryTopic(null);
    }

    private @Nullable RepositoryTopic unannouncedTopicIfRoom(NameHolder holder) {
        if (!unannounced.take(holder)) {
            return null;
        }
        if (!room.tryAcquire()) {
            unannounced.giveBack(holder);
            return null;
        }
        return new RepositoryTopic(holder);
    }

    /** Adds a member to the repository's audience; null if the repository is new and there is no room for it. */
    @Nullable
    Subscription join(Subscriber subscriber, RepositoryName repository, DispatchQueue queue, NameHolder holder) {
        Subscription[] joined = new Subscription[1];
        topics.compute(repository, (name, known) -> {
            RepositoryTopic topic = known == null ? unannouncedTopicIfRoom(holder) : known;
            if (topic != null) {
                joined[0] = topic.join(subscriber, name, queue);
            }
            return topic;
        });
        if (joined[0] != null) {
            metrics.subscriptions.increment();
        }
        return joined[0];
    }

    void leave(Subscription subscription) {
        topics.computeIfPresent(subscription.audience().repository(), (name, topic) -> {
            topic.leave(subscription);
            return kept(topic);
        });
        metrics.subscriptions.decrement();
    }

    @Nullable
    Dispatch lastDispatch(RepositoryName repository) {
        RepositoryTopic topic = topics.get(repository);
        return topic == null ? null : topic.last();
    }

    ByteBudget backlogs() {
        return backlogs;
    }

    Redelivery redelivery() {
        return redelivery;
    }

    Duration stalledTimeout() {
        return stalledTimeout;
    }

    FanOutMetrics metrics() {
        return metrics;
    }

    @Nullable
    Dispatch newestDispatch(RepositoryName repository) {
        RepositoryTopic topic = topics.get(repository);
        return topic == null ? null : topic.newest();
    }

    /** The newest announcement of a repository in the log, told or held. */
    public Optional<Announcement> newestValue(RepositoryName repository) {
        return Optional.ofNullable(newestDispatch(repository)).map(Dispatch::announcement);
    }

    /** The last announcement of a repository that subscribers are told. */
    public Optional<Announcement> lastValue(RepositoryName repository) {
        return Optional.ofNullable(lastDispatch(repository)).map(Dispatch::announcement);
    }

    /** The last announcement of every repository, ordered by name. */
    public List<Announcement> lastValues() {
        return topics.values().stream()
                .flatMap(topic -> Stream.ofNullable(topic.last()))
                .map(Dispatch::announcement)
                .sorted(Comparator.comparing(last -> last.message().repository()))
                .toList();
    }

    /** Every repository that has been announced or is subscribed to, ordered by name. */
    public List<RepositoryState> repositories() {
        Instant now = clock.instant();
        return topics.entrySet().stream()
                .map(topic -> topic.getValue().state(topic.getKey(), now))
                .sorted(Comparator.comparing(RepositoryState::repository))
                .toList();
    }

    /** The last hundred announcements since the proxy began to listen that have a higher sequence, oldest first. */
    public List<Dispatch> recent(long afterSequence) {
        return recent.after(afterSequence);
    }

    /** Returns when this proxy began to listen, and to count. */
    public Instant start() {
        return start;
    }

    /** Returns how many announcements came from the log while this proxy listened, and the longest propagations of them. */
    public Series activity(Range range) {
        return announcements.series(range, clock.instant(), recent.after(0));
    }

    /** Returns the same of one repository without the times; empty if it is not known. */
    public Optional<Series> activity(Range range, RepositoryName repository) {
        return Optional.ofNullable(topics.get(repository))
                .map(topic -> topic.announcements().series(range, clock.instant()));
    }

    /** Returns the number of connections subscribed to a repository. */
    public int subscribers(RepositoryName repository) {
        RepositoryTopic topic = topics.get(repository);
        return topic == null ? 0 : topic.subscribers();
    }

    /** Returns true if the repository is known or there is room for one more. */
    public boolean hasRoomFor(RepositoryName repository) {
        return room.availablePermits() > 0 || topics.containsKey(repository);
    }

    /**
     * The same for a subscriber to all of these at once: names that have not been announced leave a part of the room to those that are
     * announced.
     *
     * @param repositories each once
     * @param holders who pays for which name
     */
    public boolean hasRoomForSubscriber(
            Collection<RepositoryName> repositories, Function<RepositoryName, NameHolder> holders) {
        List<NameHolder> paying = repositories.stream()
                .filter(repository -> !topics.containsKey(repository))
                .map(holders)
                .toList();
        return room.availablePermits() >= paying.size() && unannounced.haveRoomFor(paying);
    }

    /** Completes when all that was delivered before has been written to subscribers, or given way to newer announcements. */
    public CompletableFuture<Void> settled() {
        return CompletableFuture.allOf(
                queues.values().stream().map(DispatchQueue::settled).toArray(CompletableFuture[]::new));
    }

    /** A new subscriber without subscriptions, to be used on the channel's event loop. */
    public Subscriber subscriber(Channel channel, DeliveryTerms terms) {
        DispatchQueue queue = queues.computeIfAbsent(channel.eventLoop(), loop -> new DispatchQueue(loop, metrics));
        return new Subscriber(this, queue, channel, terms);
    }

    /**
     * The names that may still be added. Announced ones are added in any case: the log keeps no more of them than the limit, and new
     * names of subscribers and publishers wait until there is room again.
     */
    private static final class Room extends Semaphore {

        private static final long serialVersionUID = 1L;

        Room(int names) {
            super(names);
        }

        void takeAnyway() {
            reducePermits(1);
        }
    }

    /**
     * The last {@value #CAPACITY} announcements that came from the log while this proxy listened. From any thread. They are kept whole; many
     * more would not fit between two collections of a small heap, and each would be copied.
     */
    static final class RecentDispatches {

        static final int CAPACITY = 100;

        private final ArrayDeque<Dispatch> newestLast = new ArrayDeque<>(CAPACITY);

        /** Returns the one that had to leave; null if none had to. */
        @Nullable
        synchronized Dispatch add(Dispatch dispatch) {
            Dispatch left = newestLast.size() == CAPACITY ? newestLast.remove() : null;
            newestLast.add(dispatch);
            return left;
        }

        /** Those with a higher sequence, oldest first. */
        synchronized List<Dispatch> after(long sequence) {
            return newestLast.stream()
                    .filter(dispatch -> dispatch.sequence() > sequence)
                    .toList();
        }
    }
}
