package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * From the log's tail to every subscriber. It remembers each repository's last announcement, gives it to whoever subscribes, and
 * hands on each new one. Its queries may be asked from any thread.
 */
public final class FanOut implements ActivityTail {

    /** One name in four is kept for repositories that are announced: subscribers alone cannot use up all names. */
    private static final int RESERVED_FRACTION = 4;

    private final ConcurrentMap<RepositoryName, Topic> topics = new ConcurrentHashMap<>();
    private final ConcurrentMap<EventLoop, Lane> lanes = new ConcurrentHashMap<>();
    private final Semaphore room;
    private final Duration stalledTimeout;
    private final Semaphore roomForSilent;
    private final ByteBudget backlogs;
    private final FanOutMetrics metrics;
    private final RecentDispatches recent = new RecentDispatches();
    private final Clock clock;
    private final Instant start;
    private long sequence;

    /**
     * @param maxRepositories distinct repositories remembered or subscribed to
     * @param stalledTimeout time a subscriber may leave data unread before it is cut off
     * @param maxBacklogBytes unsent data of all subscribers that are behind
     * @param clock tells how long ago something was announced
     */
    public FanOut(
            int maxRepositories, Duration stalledTimeout, long maxBacklogBytes, Clock clock, MeterRegistry meters) {
        this.room = new Semaphore(maxRepositories);
        this.roomForSilent = new Semaphore(maxRepositories - maxRepositories / RESERVED_FRACTION);
        this.backlogs = new ByteBudget(maxBacklogBytes);
        this.stalledTimeout = stalledTimeout;
        this.clock = clock;
        this.start = clock.instant();
        this.metrics = new FanOutMetrics(meters, topics, lanes.values());
        FanOutMetrics.watch(meters, backlogs);
    }

    @Override
    public void delivered(Announcement announcement) {
        metrics.announced();
        sequence++;
        // The last value first: whoever joins after this line finds it, whoever joined before it is in an audience.
        Topic topic = topics.compute(announcement.message().repository(), (name, known) -> {
            Topic kept = known == null ? topicIfRoom() : known;
            if (known != null && known.last() == null) {
                roomForSilent.release();
            }
            return kept == null
                    ? null
                    : kept.withLast(Dispatch.begin(sequence, announcement, kept.subscribers(), clock, start));
        });
        Dispatch dispatch = topic == null ? null : topic.last();
        if (topic == null || dispatch == null) {
            metrics.unremembered();
            return;
        }
        remember(topic, dispatch);
        for (Audience audience : topic.audiences()) {
            audience.lane().offer(audience, dispatch);
        }
    }

    @Override
    public boolean awaits(RepositoryName repository) {
        return topics.containsKey(repository);
    }

    /** For whoever looks on. */
    private void remember(Topic topic, Dispatch dispatch) {
        if (!dispatch.isHistory()) {
            topic.tally().count(clock.instant());
            recent.add(dispatch);
            metrics.dispatched(dispatch);
        }
    }

    private @Nullable Topic topicIfRoom() {
        return room.tryAcquire() ? new Topic() : null;
    }

    private @Nullable Topic silentTopicIfRoom() {
        if (!roomForSilent.tryAcquire()) {
            return null;
        }
        Topic topic = topicIfRoom();
        if (topic == null) {
            roomForSilent.release();
        }
        return topic;
    }

    /** Adds a member to the repository's audience; null if the repository is new and there is no room for it. */
    @Nullable
    Subscription join(Subscriber subscriber, RepositoryName repository, Lane lane) {
        Subscription[] joined = new Subscription[1];
        topics.compute(repository, (name, known) -> {
            Topic topic = known == null ? silentTopicIfRoom() : known;
            if (topic != null) {
                joined[0] = topic.join(subscriber, name, lane);
            }
            return topic;
        });
        if (joined[0] != null) {
            metrics.subscribed();
        }
        return joined[0];
    }

    void leave(Subscription subscription) {
        topics.computeIfPresent(subscription.audience().repository(), (name, topic) -> {
            topic.leave(subscription);
            if (topic.isForgettable()) {
                room.release();
                roomForSilent.release();
                return null;
            }
            return topic;
        });
        metrics.unsubscribed();
    }

    @Nullable
    Dispatch lastDispatch(RepositoryName repository) {
        Topic topic = topics.get(repository);
        return topic == null ? null : topic.last();
    }

    ByteBudget backlogs() {
        return backlogs;
    }

    Duration stalledTimeout() {
        return stalledTimeout;
    }

    FanOutMetrics metrics() {
        return metrics;
    }

    /** The last announcement of a repository. */
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

    /** How many connections are subscribed to a repository now. */
    public int subscribers(RepositoryName repository) {
        Topic topic = topics.get(repository);
        return topic == null ? 0 : topic.subscribers();
    }

    /** Whether a repository is known or there is room for one more. */
    public boolean hasRoomFor(RepositoryName repository) {
        return room.availablePermits() > 0 || topics.containsKey(repository);
    }

    /** The same for a subscriber: names that nobody has announced yet leave a part of the room to those that are announced. */
    public boolean hasRoomForSubscriber(RepositoryName repository) {
        return (room.availablePermits() > 0 && roomForSilent.availablePermits() > 0) || topics.containsKey(repository);
    }

    /** Completes when all that was delivered before has been written to subscribers, or given way to newer announcements. */
    public CompletableFuture<Void> settled() {
        return CompletableFuture.allOf(
                lanes.values().stream().map(Lane::settled).toArray(CompletableFuture[]::new));
    }

    /** A new subscriber without subscriptions, to be used on the channel's event loop. */
    public Subscriber subscriber(Channel channel, WireFormat format) {
        Lane lane = lanes.computeIfAbsent(channel.eventLoop(), loop -> new Lane(loop, metrics));
        return new Subscriber(this, lane, channel, format);
    }
}
