package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberFactory;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The subscriptions of all gates and listeners: one connection for equal settings, one subscription on it for each repository. An unused
 * connection is kept for a while, because the next gate often follows at once.
 *
 * <p>Runs on the gate thread; {@link #count()} can be called on any.
 */
final class SharedSubscriptions {

    private static final Logger LOG = LoggerFactory.getLogger(SharedSubscriptions.class);

    private final SubscriberFactory factory;
    private final GateThread thread;
    private final Executor blocking;
    private final Duration linger;
    private final Map<SubscriberSettings, Server> servers = new ConcurrentHashMap<>();

    /** The receivers of one repository's announcements, on the gate thread. */
    interface Member {

        RepositoryName repository();

        /** Takes a change of the connection. */
        default void take(GateEvent event) {}

        void announced(ActivityMessage message);
    }

    SharedSubscriptions(SubscriberFactory factory, GateThread thread, Executor blocking, Duration linger) {
        this.factory = factory;
        this.thread = thread;
        this.blocking = blocking;
        this.linger = linger;
    }

    /** Subscribes a member; it is told the state and the last announcement at once, and every change and announcement after that. */
    void join(SubscriberSettings settings, Member member) {
        Server server = servers.get(settings);
        if (server == null) {
            server = new Server();
            servers.put(settings, server);
            server.open(settings);
        }
        server.join(member);
    }

    /** Unsubscribes a member, also one that never joined because it ended before. */
    void leave(SubscriberSettings settings, Member member) {
        Server server = servers.get(settings);
        if (server != null) {
            server.leave(member);
            if (server.topics.isEmpty()) {
                server.closing = thread.after(linger, () -> close(settings, server));
            }
        }
    }

    private void close(SubscriberSettings settings, Server server) {
        NotificationSubscriber subscriber = server.subscriber;
        if (servers.remove(settings, server) && subscriber != null) {
            blocking.execute(subscriber::close);
        }
    }

    int count() {
        return servers.size();
    }

    /** Forgets all connections and returns them; the caller closes them, on another thread. */
    List<NotificationSubscriber> abandon() {
        List<NotificationSubscriber> open = servers.values().stream()
                .flatMap(server -> Stream.ofNullable(server.subscriber))
                .toList();
        servers.clear();
        return open;
    }

    /** The members for one repository. */
    private static final class Topic {
        private final Set<Member> members = new LinkedHashSet<>();
        /** Connected or refused, on the present connection; null while neither. */
        private @Nullable GateEvent state;
        /** The last announcement on the present connection, for members that join later. */
        private @Nullable ActivityMessage last;

        void greet(Member member) {
            if (last != null && members.contains(member)) {
                member.announced(last);
            }
        }
    }

    /**
     * One connection. As a listener it hands each call to the gate thread and blocks until that is done, so that a flood of
     * announcements waits in the subscriber, which knows what may be conflated.
     */
    private final class Server implements SubscriptionListener {

        private final Map<RepositoryName, Topic> topics = new HashMap<>();
        private @Nullable NotificationSubscriber subscriber;
        /** Why there is no connection; null if there is, or is not known yet. */
        private @Nullable GateEvent problem;

        private @Nullable Future<?> closing;

        void open(SubscriberSettings settings) {
            try {
                subscriber = factory.subscriber(settings, this);
            } catch (NotifyException e) {
                problem = new GateEvent.Disconnected(NotifyException.reason(e));
                LOG.atWarn()
                        .addKeyValue("server", settings.server())
                        .setCause(e)
                        .log("cannot subscribe");
            }
        }

        void join(Member member) {
            if (closing != null) {
                closing.cancel(false);
                closing = null;
            }
            Topic topic = topics.computeIfAbsent(member.repository(), name -> new Topic());
            if (topic.members.add(member) && subscriber != null) {
                // subscribed() or refused() reports the result.
                var unused = subscriber.subscribe(member.repository());
            }
            GateEvent state = topic.state == null ? problem : topic.state;
            if (state != null) {
                thread.execute(() -> {
                    member.take(state);
                    topic.greet(member);
                });
            }
        }

        void leave(Member member) {
            Topic topic = topics.get(member.repository());
            if (topic != null && topic.members.remove(member) && topic.members.isEmpty()) {
                topics.remove(member.repository());
                if (subscriber != null) {
                    subscriber.unsubscribe(member.repository());
                }
            }
        }

        @Override
        public void activity(ActivityMessage message) {
            handOver(() -> {
                Topic topic = topics.get(message.repository());
                if (topic != null) {
                    topic.last = message;
                    tell(topic, member -> member.announced(message));
                }
            });
        }

        @Override
        public void subscribed(RepositoryName repository) {
            handOver(() -> changed(repository, new GateEvent.Connected()));
        }

        @Override
        public void refused(RepositoryName repository, NotifyException cause, Duration retryIn) {
            handOver(() -> changed(repository, new GateEvent.Refused(NotifyException.reason(cause))));
        }

        private void changed(RepositoryName repository, GateEvent state) {
            problem = null;
            Topic topic = topics.get(repository);
            if (topic != null) {
                topic.state = state;
                tell(topic, member -> member.take(state));
            }
        }

        @Override
        public void disconnected(NotifyException cause, Duration retryIn) {
            handOver(() -> {
                String text = NotifyException.reason(cause);
                GateEvent event = cause instanceof RefusedException
                        ? new GateEvent.Refused(text)
                        : new GateEvent.Disconnected(text);
                problem = event;
                topics.values().forEach(topic -> {
                    topic.state = null;
                    topic.last = null;
                });
                List.copyOf(topics.values()).forEach(topic -> tell(topic, member -> member.take(event)));
            });
        }

        @Override
        public void warning(NotifyException warning) {
            LOG.atInfo()
                    .addKeyValue("problem", NotifyException.reason(warning))
                    .log("warning from the notification server");
        }

        /** A gate that ends leaves the topic while the others are told. */
        private static void tell(@Nullable Topic topic, Consumer<Member> news) {
            if (topic != null) {
                List.copyOf(topic.members).forEach(news);
            }
        }

        private void handOver(Runnable news) {
            try {
                thread.handOver(news);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
