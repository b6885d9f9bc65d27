package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls that wait for one listener, and the thread that makes them in order, which ends when idle. Putting one in never blocks. The
 * queue is bounded: beyond the backlog an announcement replaces the waiting one of its repository (conflation); warnings beyond a limit are
 * dropped; of each repository only the newest answer to its subscription waits; and connection events do not pile up: after a failure the
 * next connection starts only when that was delivered, and a connection replaced because of a refusal adds one event, at most every five
 * minutes.
 */
final class ListenerQueue {

    private static final Logger LOG = LoggerFactory.getLogger(ListenerQueue.class);

    private static final int MOST_WARNINGS = 100;

    /** The limit for waiting for an interrupted listener. */
    private static final int CLOSE_SECONDS = 10;

    private enum Kind {
        ACTIVITY,
        ANSWER,
        WARNING,
        CONNECTION
    }

    private static final class Item {
        private final Kind kind;
        private final @Nullable RepositoryName repository;
        private Runnable call;

        Item(Kind kind, @Nullable RepositoryName repository, Runnable call) {
            this.kind = kind;
            this.repository = repository;
            this.call = call;
        }
    }

    private final int backlog;
    private final ThreadPoolExecutor executor;
    private final Deque<Item> waiting = new ArrayDeque<>();
    private final Map<RepositoryName, Item> newestActivities = new HashMap<>();
    private final Map<RepositoryName, Item> answers = new HashMap<>();
    private int activities;
    private int warnings;
    private long conflated;
    private boolean isDelivering;
    private boolean isClosed;
    private volatile @Nullable Thread deliverer;

    /**
     * @param role the thread's name after the prefix
     * @param backlog the number of announcements that may wait before newer ones replace older ones
     */
    ListenerQueue(String role, int backlog) {
        this.backlog = backlog;
        this.executor = DaemonThreads.pool(1, 1, DaemonThreads.numbered(Network.THREAD_PREFIX + role));
    }

    synchronized void activity(RepositoryName repository, Runnable call) {
        Item older = newestActivities.get(repository);
        if (activities >= backlog && older != null) {
            older.call = call;
            conflated++;
        } else if (!isClosed) {
            Item item = new Item(Kind.ACTIVITY, repository, call);
            activities++;
            newestActivities.put(repository, item);
            put(item);
        }
    }

    /** The server accepted or refused a subscription. */
    synchronized void answer(RepositoryName repository, Runnable call) {
        Item older = answers.get(repository);
        if (older != null) {
            older.call = call;
        } else if (!isClosed) {
            Item item = new Item(Kind.ANSWER, repository, call);
            answers.put(repository, item);
            put(item);
        }
    }

    synchronized void warning(Runnable call) {
        if (!isClosed && warnings < MOST_WARNINGS) {
            warnings++;
            put(new Item(Kind.WARNING, null, call));
        }
    }

    synchronized void connection(Runnable call) {
        if (!isClosed) {
            put(new Item(Kind.CONNECTION, null, call));
        }
    }

    private void put(Item item) {
        waiting.add(item);
        if (!isDelivering) {
            isDelivering = true;
            executor.execute(this::deliverAll);
        }
    }

    /** Removes the waiting calls about this repository. */
    synchronized void drop(RepositoryName repository) {
        waiting.removeIf(item -> {
            boolean isDropped = repository.equals(item.repository);
            if (isDropped) {
                removed(item);
            }
            return isDropped;
        });
    }

    private void deliverAll() {
        deliverer = Thread.currentThread();
        for (Item item = next(); item != null; item = next()) {
            try {
                item.call.run();
            } catch (Throwable e) { // an error, too, must not stop the delivery of the others
                LOG.atError().setCause(e).log("listener of a subscription fails");
            }
        }
    }

    private synchronized @Nullable Item next() {
        Item item = waiting.poll();
        if (item == null) {
            isDelivering = false;
            deliverer = null;
        } else {
            removed(item);
        }
        return item;
    }

    private void removed(Item item) {
        switch (item.kind) {
            case ACTIVITY -> {
                activities--;
                newestActivities.remove(item.repository, item);
            }
            case ANSWER -> answers.remove(item.repository, item);
            case WARNING -> warnings--;
            case CONNECTION -> {
                // not counted
            }
        }
    }

    /** Returns the number of announcements replaced by newer ones. */
    synchronized long conflated() {
        return conflated;
    }

    /** Drops what waits and ends the thread; interrupts a running call and waits for it, unless it is the caller. */
    void close() {
        synchronized (this) {
            isClosed = true;
            waiting.clear();
            newestActivities.clear();
        }
        if (Thread.currentThread() == deliverer) {
            executor.shutdown();
            return;
        }
        executor.shutdownNow();
        try {
            if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.atWarn()
                        .addKeyValue("seconds", CLOSE_SECONDS)
                        .log("interrupted listener of a subscription does not return");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
