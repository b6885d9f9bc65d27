package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one subscription to a notification server that all gates with that server share, and which of them wants to hear of which
 * repository. It hands what the server says to the gate thread and waits there, so that a flood of announcements piles up in the
 * subscriber, which knows what may be left out.
 *
 * <p>Everything but the listener's methods runs on the gate thread.
 */
final class SharedSubscription implements SubscriptionListener {

    private static final Logger LOG = LoggerFactory.getLogger(SharedSubscription.class);

    private final GateThread thread;
    private final Map<RepositoryName, Set<GateRunner>> runs = new HashMap<>();
    /** Those of which the server has been told on the present connection. */
    private final Set<RepositoryName> standing = new HashSet<>();

    /** Those that the server has refused on the present connection. */
    private final Map<RepositoryName, GateEvent> refusals = new HashMap<>();

    private @Nullable NotificationSubscriber subscriber;
    /** Why there is no connection. */
    private @Nullable GateEvent problem;

    private @Nullable Future<?> closing;

    SharedSubscription(GateThread thread) {
        this.thread = thread;
    }

    /** Makes the subscriber; it connects when the first gate joins. */
    void open(SubscriberOpener opener, SubscriberSettings settings) {
        try {
            subscriber = opener.open(settings, this);
        } catch (NotifyException e) {
            problem = new GateEvent.Disconnected(ProblemText.of(e));
            LOG.atWarn().addKeyValue("server", settings.server()).setCause(e).log("cannot subscribe");
        }
    }

    void join(GateRunner run) {
        if (closing != null) {
            closing.cancel(false);
            closing = null;
        }
        RepositoryName repository = run.repository();
        if (runs.computeIfAbsent(repository, name -> new LinkedHashSet<>()).add(run) && subscriber != null) {
            // The listener is told when it stands.
            var unused = subscriber.subscribe(repository);
        }
        GateEvent down = refusals.getOrDefault(repository, problem);
        if (standing.contains(repository)) {
            thread.execute(() -> run.take(new GateEvent.Connected()));
        } else if (down != null) {
            thread.execute(() -> run.take(down));
        }
    }

    /** Also for one that never joined, because it ended before. */
    void leave(GateRunner run) {
        RepositoryName repository = run.repository();
        Set<GateRunner> rest = runs.get(repository);
        if (rest != null && rest.remove(run) && rest.isEmpty()) {
            runs.remove(repository);
            standing.remove(repository);
            refusals.remove(repository);
            if (subscriber != null) {
                subscriber.unsubscribe(repository);
            }
        }
    }

    boolean isIdle() {
        return runs.isEmpty();
    }

    /** It will be closed by this, unless a gate joins before. */
    void closeBy(Future<?> planned) {
        closing = planned;
    }

    /** To be closed, on any other thread, when nobody needs it any more. */
    Optional<NotificationSubscriber> subscriber() {
        return Optional.ofNullable(subscriber);
    }

    @Override
    public void activity(ActivityMessage message) {
        GateEvent event = new GateEvent.Announced(ManifestSummary.of(message.manifest()));
        handOver(() -> tell(message.repository(), event));
    }

    @Override
    public void subscribed(RepositoryName repository) {
        handOver(() -> {
            problem = null;
            if (runs.containsKey(repository)) {
                standing.add(repository);
                refusals.remove(repository);
                tell(repository, new GateEvent.Connected());
            }
        });
    }

    @Override
    public void refused(RepositoryName repository, NotifyException cause, Duration retryIn) {
        handOver(() -> {
            problem = null;
            standing.remove(repository);
            if (runs.containsKey(repository)) {
                GateEvent refusal = new GateEvent.Refused(ProblemText.of(cause));
                refusals.put(repository, refusal);
                tell(repository, refusal);
            }
        });
    }

    @Override
    public void disconnected(NotifyException cause, Duration retryIn) {
        handOver(() -> {
            String text = ProblemText.of(cause);
            GateEvent event =
                    cause instanceof RefusedException ? new GateEvent.Refused(text) : new GateEvent.Disconnected(text);
            problem = event;
            standing.clear();
            refusals.clear();
            List.copyOf(runs.keySet()).forEach(repository -> tell(repository, event));
        });
    }

    @Override
    public void warning(NotifyException warning) {
        LOG.atInfo().addKeyValue("problem", ProblemText.of(warning)).log("the notification server complains");
    }

    private void tell(RepositoryName repository, GateEvent event) {
        Stream.of(runs.getOrDefault(repository, Set.of()).toArray(GateRunner[]::new))
                .forEach(run -> run.take(event));
    }

    private void handOver(Runnable news) {
        try {
            thread.handOver(news);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
