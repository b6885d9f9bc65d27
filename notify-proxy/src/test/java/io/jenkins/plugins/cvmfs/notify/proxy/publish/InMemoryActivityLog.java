package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogState;
import io.jenkins.plugins.cvmfs.notify.proxy.log.PublishOrigin;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A log for tests: delivers to its tail at once and confirms at once, unless told to hold confirms back or to fail. Its positions are
 * {@code memory:1}, {@code memory:2} and so on.
 */
public final class InMemoryActivityLog implements ActivityLog {

    /** When everything is announced. */
    public static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    /** What happened to the log, in order: {@code follow NAME} and {@code append NAME REVISION}. */
    public final List<String> calls = new CopyOnWriteArrayList<>();

    /** What was appended, in order. */
    public final List<ActivityMessage> messages = new CopyOnWriteArrayList<>();

    private final Queue<Runnable> held = new ArrayDeque<>();
    private @Nullable LogListener tail;
    private @Nullable RuntimeException followFailure;
    private @Nullable RuntimeException appendFailure;
    private boolean holding;
    private volatile String kind = "journal";
    private long offset;

    @Override
    public synchronized void start(LogListener newTail) {
        tail = newTail;
    }

    /** From now on confirms wait for {@link #confirmOne()}. */
    public synchronized void holdConfirms() {
        holding = true;
    }

    /** Confirms the oldest append that waits; fails if none does. */
    public void confirmOne() {
        Runnable confirm;
        synchronized (this) {
            confirm = held.remove();
        }
        confirm.run();
    }

    /** How many appends wait for {@link #confirmOne()}. */
    public synchronized int unconfirmed() {
        return held.size();
    }

    /** From now on appends fail; with null, no more. */
    public synchronized void failAppends(@Nullable RuntimeException failure) {
        appendFailure = failure;
    }

    /** From now on it says that it is of this kind. */
    public void setKind(String newKind) {
        kind = newKind;
    }

    public synchronized void failFollows(RuntimeException failure) {
        followFailure = failure;
    }

    @Override
    public CompletableFuture<Void> append(ActivityMessage message, PublishOrigin origin) {
        return append(message);
    }

    public synchronized CompletableFuture<Void> append(ActivityMessage message) {
        calls.add("append " + message.repository() + " " + message.revision());
        if (appendFailure != null) {
            return CompletableFuture.failedFuture(appendFailure);
        }
        messages.add(message);
        if (tail != null) {
            tail.delivered(new Announcement(message, new LogPosition("memory", ++offset), NOW));
        }
        CompletableFuture<Void> confirmed = new CompletableFuture<>();
        if (holding) {
            held.add(() -> confirmed.complete(null));
        } else {
            confirmed.complete(null);
        }
        return confirmed;
    }

    @Override
    public synchronized CompletableFuture<Void> forget(RepositoryName repository) {
        calls.add("forget " + repository);
        if (appendFailure != null) {
            return CompletableFuture.failedFuture(appendFailure);
        }
        if (tail != null) {
            tail.forgotten(repository);
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized CompletableFuture<Void> follow(RepositoryName repository) {
        calls.add("follow " + repository);
        return followFailure == null
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.failedFuture(followFailure);
    }

    @Override
    public LogState state() {
        return new LogState(kind, true, true, "in memory, for a test");
    }

    @Override
    public void close() {}
}
