package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.OpenPublishes.OpenPublish;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** The commands that wait for the broker thread in one session, and the reason why it ends. Bounded. */
final class BrokerCommands {

    static final String FULL = "too many commands wait for the broker";

    private static final int LARGEST_BATCH = 1_000;

    private final BlockingQueue<Command> queue;

    /** Not empty while a command to bind them waits. */
    private final Set<RepositoryName> toRebind = new HashSet<>();

    private volatile Optional<BrokerError> end = Optional.empty();

    BrokerCommands(int capacity) {
        this.queue = new ArrayBlockingQueue<>(capacity);
    }

    /** Adds a command; returns false if too many wait. From any thread, never blocks. */
    boolean offer(Command command) {
        return queue.offer(command);
    }

    /** Sends messages to other proxies; ends the session if too many commands wait, so that the next one catches up. */
    void sendLater(List<OutgoingMessage> outgoing) {
        if (!outgoing.isEmpty() && !offer(new Command.Send(outgoing))) {
            end(new BrokerError(BrokerError.Kind.OTHER, FULL));
        }
    }

    /**
     * Binds the keys of these again. A stream may hold any number of messages that ask for it, so all that come before the broker thread
     * gets to it are one command; ends the session if too many commands wait. From any thread.
     */
    synchronized void rebindLater(Collection<RepositoryName> repositories) {
        boolean isQueued = !toRebind.isEmpty();
        toRebind.addAll(repositories);
        if (!isQueued && !toRebind.isEmpty() && !offer(new Command.Rebind())) {
            end(new BrokerError(BrokerError.Kind.OTHER, FULL));
        }
    }

    /** Returns the repositories of {@link Command.Rebind}. */
    synchronized Set<RepositoryName> takeRebinds() {
        Set<RepositoryName> taken = Set.copyOf(toRebind);
        toRebind.clear();
        return taken;
    }

    /** Ends the session. From any thread; the first reason counts. */
    synchronized void end(BrokerError why) {
        end = end.or(() -> Optional.of(why));
        // If the queue is full, the broker thread is not waiting.
        var unused = queue.offer(new Command.WakeUp());
    }

    /** Why the session ends; empty while it does not. */
    Optional<BrokerError> end() {
        return end;
    }

    /** Waits for commands, but not longer than this; there may be none then. */
    List<Command> take(Duration patience) throws InterruptedException {
        List<Command> batch = new ArrayList<>();
        Command first = queue.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        if (first != null) {
            batch.add(first);
            queue.drainTo(batch, LARGEST_BATCH - 1);
        }
        return batch;
    }

    /** Something for the broker thread to do. */
    sealed interface Command {

        /** Publish a message, unless its publish has ended. */
        record Append(OpenPublish publish) implements Command {}

        /** Publish a message again that no queue took, after binding its key again. */
        record Reroute(OpenPublish publish) implements Command {}

        /** Bind a repository's key, and complete the future that has this id. */
        record Follow(RepositoryName repository, UUID id) implements Command {}

        /** Publish messages between proxies, in this order. */
        record Send(List<OutgoingMessage> outgoing) implements Command {}

        /** Bind keys again that another proxy has unbound: {@link BrokerCommands#takeRebinds} has their names. */
        record Rebind() implements Command {}

        /** Bind all keys again: no queue took a probe. */
        record RebindAll() implements Command {}

        /** End waiting. */
        record WakeUp() implements Command {}
    }

    /**
     * A message that no publisher waits for.
     *
     * @param key routing key
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared, only passed on
    record OutgoingMessage(String key, MessageProperties properties, byte[] body) {}
}
