package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException;
import io.jenkins.plugins.cvmfs.notify.client.message.ServerReply;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A subscriber: knows what is wanted, reads what comes, and passes it to the listener's mailbox. The {@link Reconnector} keeps
 * the connection. Its lock guards what is wanted, and is held while something is put into the mailbox, so that nothing of a
 * repository gets in after it was unsubscribed.
 */
final class ReconnectingSubscriber implements NotificationSubscriber, Reconnector.Owner {

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

    private final SubscriptionListener listener;
    private final Consumer<NotificationSubscriber> whenClosed;
    private final ListenerQueue mailbox;
    private final ReplayFilter replayFilter = new ReplayFilter();
    private final Reconnector reconnector;
    private final Map<RepositoryName, CompletableFuture<Void>> wanted = new LinkedHashMap<>();
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong activities = new AtomicLong();
    private final AtomicLong replays = new AtomicLong();
    private final AtomicLong warnings = new AtomicLong();
    private boolean isClosed;

    /**
     * @param diallers in the order to try them
     * @param whenClosed told at the end, at each call of {@link #close()}
     */
    ReconnectingSubscriber(
            SubscriberSettings settings,
            List<SubscriberChannel.Dialler> diallers,
            Timer timer,
            SubscriptionListener listener,
            Consumer<NotificationSubscriber> whenClosed) {
        this.listener = listener;
        this.whenClosed = whenClosed;
        this.mailbox = new ListenerQueue("subscriber", settings.backlog());
        BackOff pauses = new BackOff(FIRST_PAUSE, settings.longestPause(), ThreadLocalRandom.current()::nextDouble);
        this.reconnector = new Reconnector(diallers, timer, pauses, this);
    }

    @Override
    public CompletableFuture<Void> subscribe(RepositoryName repository) {
        CompletableFuture<Void> told = new CompletableFuture<>();
        synchronized (this) {
            if (isClosed) {
                told.cancel(false);
                return told;
            }
            CompletableFuture<Void> before = wanted.putIfAbsent(repository, told);
            if (before != null) {
                return before.copy();
            }
        }
        reconnector.subscribe(repository);
        return told.copy();
    }

    @Override
    public void unsubscribe(RepositoryName repository) {
        CompletableFuture<Void> told;
        synchronized (this) {
            told = wanted.remove(repository);
            mailbox.drop(repository);
            replayFilter.forget(repository);
        }
        if (told != null) {
            reconnector.unsubscribe(repository);
            told.cancel(false);
        }
    }

    @Override
    public NotificationSubscriber.Counts counts() {
        return new NotificationSubscriber.Counts(
                connections.get(), activities.get(), mailbox.conflated(), replays.get(), warnings.get());
    }

    @Override
    public void close() {
        List<CompletableFuture<Void>> untold;
        synchronized (this) {
            isClosed = true;
            untold = List.copyOf(wanted.values());
            wanted.clear();
        }
        reconnector.close();
        untold.forEach(told -> told.cancel(false));
        mailbox.close();
        whenClosed.accept(this);
    }

    @Override
    public synchronized Set<RepositoryName> wanted() {
        return Set.copyOf(wanted.keySet());
    }

    @Override
    public void connected(SubscriptionListener.Connection connection) {
        connections.incrementAndGet();
        mailbox.connection(() -> listener.connected(connection));
    }

    @Override
    public void disconnected(NotifyException cause, Duration pause, Runnable next) {
        mailbox.connection(() -> {
            try {
                listener.disconnected(cause, pause);
            } finally {
                next.run();
            }
        });
    }

    @Override
    public void asking(RepositoryName repository) {
        replayFilter.asking(repository);
    }

    @Override
    public synchronized void subscribed(RepositoryName repository) {
        if (wanted.containsKey(repository)) {
            mailbox.verdict(repository, () -> tellSubscribed(repository));
        }
    }

    @Override
    public synchronized void refused(RepositoryName repository, NotifyException cause, Duration retryIn) {
        if (wanted.containsKey(repository)) {
            mailbox.verdict(repository, () -> listener.refused(repository, cause, retryIn));
        }
    }

    private void tellSubscribed(RepositoryName repository) {
        CompletableFuture<Void> told = told(repository);
        if (told != null) {
            told.complete(null);
            listener.subscribed(repository);
        }
    }

    private synchronized @Nullable CompletableFuture<Void> told(RepositoryName repository) {
        return wanted.get(repository);
    }

    @Override
    public void received(byte[] bytes, boolean mayRepeat) {
        try {
            received(ActivityMessage.parse(bytes), mayRepeat);
        } catch (MessageFormatException e) {
            noActivity(bytes, e);
        }
    }

    private synchronized void received(ActivityMessage message, boolean mayRepeat) {
        if (!wanted.containsKey(message.repository())) {
            return;
        }
        if (replayFilter.isReplay(message, mayRepeat)) {
            replays.incrementAndGet();
        } else {
            mailbox.activity(message.repository(), () -> deliver(message));
        }
    }

    private void deliver(ActivityMessage message) {
        activities.incrementAndGet();
        listener.activity(message);
    }

    private void noActivity(byte[] bytes, MessageFormatException problem) {
        ServerReply reply = ServerReply.parse(bytes).orElse(null);
        if (reply != null && reply.isOk()) {
            return;
        }
        String text = reply == null
                ? "the server sent a message that is no activity: " + problem.getMessage()
                : "the server complains: " + Excerpt.of(reply.reason());
        warnings.incrementAndGet();
        mailbox.warning(() -> listener.warning(new InvalidInputException(text)));
    }
}
