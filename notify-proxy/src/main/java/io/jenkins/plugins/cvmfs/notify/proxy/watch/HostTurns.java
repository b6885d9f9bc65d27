package io.jenkins.plugins.cvmfs.notify.proxy.watch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets tasks that ask hosts something take turns: few of a host at a time, few of all hosts together, and the hosts one after the other. A
 * slow or dead host keeps no other waiting, unless such hosts use up all that may be under way. Of a host, urgent tasks begin before
 * others, otherwise each in its order.
 *
 * <p>Confined to one thread, on which tasks begin and end, except {@link #waiting()}. A task is added once and may be added again when it
 * has ended, so the queues are bounded by the owner's tasks.
 *
 * @param <T> the tasks
 */
public final class HostTurns<T extends HostTurns.Task<?>> {

    private static final Logger LOG = LoggerFactory.getLogger(HostTurns.class);

    /** Asks a host something. */
    public interface Task<R> {

        /** Returns its host, always the same. */
        Object host();

        /** Returns true to begin before those that are not urgent; asked when it is added, and when it is {@linkplain #promote promoted}. */
        default boolean isUrgent() {
            return false;
        }

        /** Begins, without blocking. What it throws counts as its failure. */
        CompletableFuture<R> begin();

        /** Takes the result, before others of the host begin. It may add its task again. */
        void ended(@Nullable R result, @Nullable Throwable failure);
    }

    private static final class Host<T> {

        private final Deque<T> urgent = new ArrayDeque<>();
        private final Deque<T> others = new ArrayDeque<>();
        private int underWay;
        private boolean isReady;
        private boolean isPaused;

        /** Returns the task that may begin next; null if there is none. */
        @Nullable
        T next() {
            return urgent.isEmpty() && !isPaused ? others.peek() : urgent.peek();
        }

        boolean remove(T task) {
            return urgent.remove(task) || others.remove(task);
        }

        boolean isIdle() {
            return underWay == 0 && !isPaused && urgent.isEmpty() && others.isEmpty();
        }
    }

    private final int mostOfHost;
    private final int most;
    private final Executor thread;
    private final Map<Object, Host<T>> hosts = new HashMap<>();
    private final Deque<Host<T>> ready = new ArrayDeque<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private int underWay;

    /**
     * @param mostOfHost tasks of a host that may be under way
     * @param most those of all hosts
     * @param thread calls {@link Task#ended}
     */
    public HostTurns(int mostOfHost, int most, Executor thread) {
        this.mostOfHost = mostOfHost;
        this.most = most;
        this.thread = thread;
    }

    /** Returns the number of tasks that have not begun; from any thread. */
    public int waiting() {
        return waiting.get();
    }

    /** Begins a task when it is its turn, at once if it can. */
    public void add(T task) {
        Host<T> host = host(task.host());
        (task.isUrgent() ? host.urgent : host.others).add(task);
        waiting.incrementAndGet();
        offer(host);
    }

    /** Lets a task begin before others, if it waits and was not urgent before. */
    public void promote(T task) {
        Host<T> host = hosts.get(task.host());
        if (host != null && host.others.remove(task)) {
            host.urgent.add(task);
            offer(host);
        }
    }

    /** Takes back a task; returns false if it does not wait. */
    public boolean remove(T task) {
        Host<T> host = hosts.get(task.host());
        boolean isRemoved = host != null && host.remove(task);
        if (isRemoved) {
            waiting.decrementAndGet();
            forgetIfIdle(task.host());
        }
        return isRemoved;
    }

    /** Takes back the urgent tasks of a host that wait. */
    public List<T> removeUrgent(Object host) {
        List<T> tasks = List.copyOf(hosts.getOrDefault(host, new Host<>()).urgent);
        tasks.forEach(this::remove);
        return tasks;
    }

    /** Begins only urgent tasks of a host until {@link #resume}; returns false if that is so already. */
    public boolean pause(Object host) {
        boolean wasPaused = host(host).isPaused;
        host(host).isPaused = true;
        return !wasPaused;
    }

    /** Begins any task of a host again. */
    public void resume(Object host) {
        host(host).isPaused = false;
        offer(host(host));
        forgetIfIdle(host);
    }

    private Host<T> host(Object name) {
        return hosts.computeIfAbsent(name, none -> new Host<>());
    }

    private void forgetIfIdle(Object name) {
        hosts.computeIfPresent(name, (same, host) -> host.isIdle() ? null : host);
    }

    /** Gives a host its turn if it has something to begin, and begins what may begin now. */
    private void offer(Host<T> host) {
        enqueue(host);
        while (underWay < most && !ready.isEmpty()) {
            Host<T> next = ready.remove();
            next.isReady = false;
            T task = next.next();
            if (task != null) {
                next.remove(task);
                waiting.decrementAndGet();
                Task<?> begun = task;
                begin(begun, next);
                enqueue(next);
            }
        }
    }

    private void enqueue(Host<T> host) {
        if (!host.isReady && host.underWay < mostOfHost && host.next() != null) {
            host.isReady = true;
            ready.add(host);
        }
    }

    private <R> void begin(Task<R> task, Host<T> host) {
        host.underWay++;
        underWay++;
        CompletableFuture<R> begun;
        try {
            begun = task.begin();
        } catch (RuntimeException | Error e) {
            begun = CompletableFuture.failedFuture(e);
        }
        var unused = begun.whenComplete((result, failure) -> thread.execute(() -> {
            host.underWay--;
            underWay--;
            try {
                task.ended(result, failure);
            } catch (RuntimeException | Error e) { // must not keep others waiting
                LOG.atError().addKeyValue("host", task.host()).setCause(e).log("result of a host cannot be taken");
            }
            offer(host);
            forgetIfIdle(task.host());
        }));
    }
}
