package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.LogRecorder.AckListener;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.PendingAcks;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * The publishes that are not yet known to be safe, oldest first. One is safe when two have witnessed it: the broker by its
 * confirm, and this proxy's ledger, to which the message has come back. So whatever was answered with success is in the log and in
 * this proxy's last values. Until then a publish stays here across reconnects and is sent again, with the same id, within its
 * time limit. From any thread.
 */
final class UnconfirmedPublishes implements AckListener {

    private enum Witness {
        BROKER,
        LEDGER
    }

    private final PendingAcks pending;
    private final Map<UUID, UnconfirmedPublish> open = new LinkedHashMap<>();
    private final Map<UUID, Set<Witness>> missing = new LinkedHashMap<>();

    UnconfirmedPublishes(Duration timeLimit) {
        this.pending = new PendingAcks(timeLimit);
    }

    /** Opens one; the future completes when it is safe, failed or late. */
    CompletableFuture<Void> begin(UUID id, ActivityMessage message, Instant announcedAt) {
        synchronized (this) {
            open.put(id, new UnconfirmedPublish(id, message, announcedAt));
            missing.put(id, EnumSet.allOf(Witness.class));
        }
        return pending.add(id).whenComplete((done, failure) -> remove(id));
    }

    /** Waits for something other than an append to come back and be recorded; the future completes then, or fails when it is late. */
    CompletableFuture<Void> await(UUID id) {
        synchronized (this) {
            missing.put(id, EnumSet.of(Witness.LEDGER));
        }
        return pending.add(id).whenComplete((done, failure) -> remove(id));
    }

    private synchronized void remove(UUID id) {
        open.remove(id);
        missing.remove(id);
    }

    synchronized Optional<UnconfirmedPublish> get(UUID id) {
        return Optional.ofNullable(open.get(id));
    }

    /** Whether somebody waits for the append, or whatever else has this id. */
    synchronized boolean isOpen(UUID id) {
        return missing.containsKey(id);
    }

    /** All of them, oldest first. */
    synchronized List<UnconfirmedPublish> all() {
        return new ArrayList<>(open.values());
    }

    /** Whether one was confirmed by the broker longer ago than this, and has not come back. */
    synchronized boolean areUnreadFor(Duration time) {
        return open.values().stream().anyMatch(append -> append.wasConfirmedBefore(time));
    }

    synchronized int size() {
        return open.size();
    }

    /** The broker has confirmed it. */
    void confirmed(UUID id) {
        get(id).ifPresent(UnconfirmedPublish::confirmed);
        witnessed(id, Witness.BROKER);
    }

    @Override
    public void recorded(UUID id) {
        witnessed(id, Witness.LEDGER);
    }

    private void witnessed(UUID id, Witness witness) {
        boolean safe;
        synchronized (this) {
            Set<Witness> others = missing.getOrDefault(id, EnumSet.noneOf(Witness.class));
            safe = others.remove(witness) && others.isEmpty();
        }
        if (safe) {
            pending.succeed(id);
        }
    }

    @Override
    public void notRecorded(UUID id, Exception cause) {
        fail(id, cause);
    }

    /** It is not known to be safe, and will not be sent again. */
    void fail(UUID id, Exception cause) {
        pending.fail(id, cause);
    }

    /** Fails all, and all that come later. */
    void close() {
        pending.close();
    }
}
