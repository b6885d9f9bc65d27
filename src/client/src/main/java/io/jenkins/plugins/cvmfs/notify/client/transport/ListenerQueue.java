package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits for one listener, and the thread that delivers it in order. Nobody who puts something in ever waits. It is bounded:
 * past the backlog an activity takes the place of the one of its repository that waits; warnings past a limit are dropped; of
 * each repository only the newest notice waits that it is subscribed or refused; and news of the connection cannot pile up, because the next
 * connection is not made before the end of the last was delivered.
 */
final class ListenerQueue {

    private static final Logger LOG = LoggerFactory.getLogger(ListenerQueue.class);

    /** A thread that has nothing to do for this long ends; the next delivery starts another. */
    private static final int IDLE_SECONDS = 30;

    private static final int MOST_WARNINGS = 100;
    private static final int LONGEST_FAREWELL_SECONDS = 10;

    private enum Kind {
        ACTIVITY,
        VERDICT,
        WARNING,
        CONNECTION
    }

    private static final class Item {
        private final Kind kind;
        private final @Nullable RepositoryName repository;
        private Runnable delivery;

        Item(Kind kind, @Nullable RepositoryName repository, Runnable delivery) {
            this.kind = kind;
            this.repository = repository;
            this.delivery = delivery;
        }
    }

    private final int backlog;
    private final ThreadPoolExecutor executor;
    private final Deque<Item> waiting = new ArrayDeque<>();
    private final Map<RepositoryName, Item> newestActivity = new HashMap<>();
    private final Map<RepositoryName, Item> verdicts = new HashMap<>();
    private int activities;
    private int warnings;
    private long conflated;
    private boolean isDelivering;
    private boolean isClosed;
    private volatile @Nullable Thread deliverer;

    /**
     * @param name of the thread
     * @param backlog how many activities may wait before newer ones take the place of older ones
     */
    ListenerQueue(String name, int backlog) {
        this.backlog = backlog;
        this.executor = new ThreadPoolExecutor(
                1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(1), Network.daemonThreads(name));
        executor.allowCoreThreadTimeOut(true);
    }

    /** News of a repository. */
    synchronized void activity(RepositoryName repository, Runnable delivery) {
        Item older = newestActivity.get(repository);
        if (activities >= backlog && older != null) {
            older.delivery = delivery;
            conflated++;
        } else if (!isClosed) {
            Item item = new Item(Kind.ACTIVITY, repository, delivery);
            activities++;
            newestActivity.put(repository, item);
            put(item);
        }
    }

    /** A repository is subscribed, or refused. */
    synchronized void verdict(RepositoryName repository, Runnable delivery) {
        Item older = verdicts.get(repository);
        if (older != null) {
            older.delivery = delivery;
        } else if (!isClosed) {
            Item item = new Item(Kind.VERDICT, repository, delivery);
            verdicts.put(repository, item);
            put(item);
        }
    }

    /** Something is odd. */
    synchronized void warning(Runnable delivery) {
        if (!isClosed && warnings < MOST_WARNINGS) {
            warnings++;
            put(new Item(Kind.WARNING, null, delivery));
        }
    }

    /** The connection stands or is lost. */
    synchronized void connection(Runnable delivery) {
        if (!isClosed) {
            put(new Item(Kind.CONNECTION, null, delivery));
        }
    }

    private void put(Item item) {
        waiting.add(item);
        if (!isDelivering) {
            isDelivering = true;
            executor.execute(this::deliverAll);
        }
    }

    /** Takes back what waits and is about this repository. */
    synchronized void drop(RepositoryName repository) {
        waiting.removeIf(item -> {
            boolean isOfIt = repository.equals(item.repository);
            if (isOfIt) {
                taken(item);
            }
            return isOfIt;
        });
    }

    private void deliverAll() {
        deliverer = Thread.currentThread();
        for (Item item = next(); item != null; item = next()) {
            try {
                item.delivery.run();
            } catch (Throwable e) { // an error, too, must not keep the rest from being delivered
                LOG.atError().setCause(e).log("a subscription's listener failed");
            }
        }
    }

    private synchronized @Nullable Item next() {
        Item item = waiting.poll();
        if (item == null) {
            isDelivering = false;
            deliverer = null;
        } else {
            taken(item);
        }
        return item;
    }

    private void taken(Item item) {
        switch (item.kind) {
            case ACTIVITY -> {
                activities--;
                newestActivity.remove(item.repository, item);
            }
            case VERDICT -> verdicts.remove(item.repository, item);
            case WARNING -> warnings--;
            case CONNECTION -> {
                // not counted
            }
        }
    }

    /** How many activities gave way to newer ones. */
    synchronized long conflated() {
        return conflated;
    }

    /**
     * Drops what waits and ends the thread. A delivery that is under way is interrupted and waited for, but not for ever, and
     * not by itself.
     */
    void close() {
        synchronized (this) {
            isClosed = true;
            waiting.clear();
            newestActivity.clear();
        }
        if (Thread.currentThread() == deliverer) {
            executor.shutdown();
        } else {
            executor.shutdownNow();
            awaitEnd();
        }
    }

    private void awaitEnd() {
        try {
            if (!executor.awaitTermination(LONGEST_FAREWELL_SECONDS, TimeUnit.SECONDS)) {
                LOG.atWarn().log("a subscription's listener does not return although it was interrupted");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
