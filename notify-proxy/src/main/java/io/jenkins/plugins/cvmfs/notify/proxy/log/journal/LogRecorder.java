package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.DaemonThreads;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogPosition;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogUnavailableException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalFormat.JournalRecord;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records messages one after the other and delivers what is new in them, each once and in the order in which they came, after it was
 * made as safe as its source requires. One thread does all of it; messages wait for it in a bounded queue. Without a journal there is
 * nothing to wait for, and each message is recorded on its caller's thread, one at a time.
 */
public final class LogRecorder implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LogRecorder.class);

    /** Ids that are remembered if a message can come twice, however old they are, and at most: the arrays of a million take 32 MB. */
    private static final int LEAST_IDS = 64 * 1024;

    private static final int MOST_IDS = 1024 * 1024;

    private static final int LARGEST_BATCH = 256;
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(5);

    /** A message to record, or an action that waits for the messages before it. */
    private record Item(@Nullable IncomingMessage message, Runnable action) {}

    private final BlockingQueue<Item> queue;
    private final LastValues lastValues;
    private final RecentIds recentIds;
    private final Journal journal;
    private final Delivery delivery;
    private final PendingAcks acks;
    private volatile @Nullable LogListener listener;
    private volatile boolean closed;
    private @Nullable Thread thread;

    /**
     * Opens a recorder that keeps its entries in this folder, or forgets them with the process.
     *
     * @param folder where the journal is; empty for none
     * @param limits how many last values are kept
     * @param capacity messages that may wait
     * @param repeatedWithin the time within which a message that has come may come once more; zero if none does
     * @param acks is told what became of each message that has an id, and of each order to forget
     * @throws PermanentFailureException if the folder or the journal cannot be used, or another proxy uses it
     */
    public static LogRecorder open(
            Optional<Path> folder,
            RepositoryLimits limits,
            int capacity,
            Duration repeatedWithin,
            PendingAcks acks,
            MeterRegistry meters) {
        JournalFile file = folder.map(JournalFile::open).orElse(null);
        return new LogRecorder(file, limits, capacity, repeatedWithin, acks, meters);
    }

    LogRecorder(
            @Nullable JournalFile fileOrNull,
            RepositoryLimits limits,
            int capacity,
            Duration repeatedWithin,
            PendingAcks acks,
            MeterRegistry meters) {
        this.queue = new ArrayBlockingQueue<>(capacity);
        this.lastValues = new LastValues(limits, List.of());
        int leastIds = repeatedWithin.isZero() ? 1 : LEAST_IDS;
        this.recentIds =
                new RecentIds(new RecentIds.Retention(leastIds, repeatedWithin, MOST_IDS), System::nanoTime, meters);
        Set<RepositoryName> evicted = new LinkedHashSet<>();
        this.journal = new Journal(fileOrNull, lastValues, found -> recover(found, evicted), meters);
        this.acks = acks;
        this.delivery = new Delivery(journal, lastValues, acks, meters);
        evicted.removeIf(repository -> lastValues.of(repository).isPresent());
        if (!evicted.isEmpty()) {
            delivery.evicted(evicted);
            keepCopy();
        }
        Gauge.builder("cvmfs_notify_log_waiting", queue, BlockingQueue::size)
                .description("Messages waiting to be recorded")
                .register(meters);
    }

    private void recover(JournalRecord found, Set<RepositoryName> evicted) {
        if (found instanceof LogEntry entry) {
            entry.id().ifPresent(recentIds::add);
            evicted.addAll(lastValues.put(entry));
        } else if (found instanceof Forgotten forgotten) {
            lastValues.forget(forgotten);
        }
    }

    /** The next write drops from the file what the limits have no room for. */
    private void keepCopy() {
        try {
            journal.keepCopy()
                    .ifPresent(
                            copy -> LOG.atWarn()
                                    .addKeyValue("copy", copy)
                                    .log(
                                            "a copy of the journal with the last values that were left out is kept until the next time"));
        } catch (IOException e) {
            LOG.atError().setCause(e).log("no copy of the journal with the last values that were left out can be kept");
        }
    }

    /** Delivers the last values, then everything that comes. Called once. */
    public synchronized void start(LogListener to) {
        listener = to;
        if (!journal.mayBlock()) {
            delivery.start(to);
            return;
        }
        Thread started = DaemonThreads.named("cvmfs-notify-recorder").newThread(() -> run(to));
        started.start();
        thread = started;
    }

    private void run(LogListener to) {
        delivery.start(to);
        journal.repair();
        List<Item> items = new ArrayList<>();
        while (!closed) {
            takeInto(items);
            record(items);
            items.clear();
        }
    }

    private void takeInto(List<Item> items) {
        try {
            Item first = queue.poll(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
            if (first != null) {
                items.add(first);
                queue.drainTo(items, LARGEST_BATCH - 1);
            } else if (journal.failure().isPresent()) {
                journal.repair();
            }
        } catch (InterruptedException e) {
            LOG.atWarn().log("recording thread was interrupted; it continues until the recorder is closed");
        }
    }

    /** Takes a message unless too many wait. Never blocks; from any thread. */
    public boolean offer(IncomingMessage message) {
        return offer(new Item(message, () -> {}));
    }

    /** Takes as many of these messages, from the first, as there is room for. Never blocks; from any thread. */
    public void offer(List<IncomingMessage> messages) {
        List<Item> items =
                messages.stream().map(message -> new Item(message, () -> {})).toList();
        if (!journal.mayBlock()) {
            var unused = recordNow(items);
            return;
        }
        for (Item item : items) {
            if (!offer(item)) {
                return;
            }
        }
    }

    /**
     * Forgets a repository and all that was taken before, whatever its time; the future fails if too many wait or it cannot be written.
     * Never blocks; from any thread.
     */
    public CompletableFuture<Void> forget(RepositoryName repository, Instant now) {
        UUID id = UUID.randomUUID();
        CompletableFuture<Void> answer = acks.await(id);
        boolean isTaken = offer(new Item(
                null,
                () -> delivery.forget(new Forgotten(repository, lastValues.nextTime(repository, now), id), false)));
        if (!isTaken) {
            refuse(id);
        }
        return answer;
    }

    /** Fails the publish of a message that was not taken. From any thread. */
    void refuse(UUID id) {
        boolean isFull = journal.mayBlock() && !closed;
        acks.fail(
                id,
                new LogUnavailableException(
                        isFull ? "too many messages wait for the disk" : "the log is not open", null));
    }

    private boolean offer(Item item) {
        return journal.mayBlock() ? !closed && queue.offer(item) : recordNow(List.of(item));
    }

    /** Takes a message, waiting for room. From any thread but the recording thread. */
    public void put(IncomingMessage message) throws InterruptedException {
        put(new Item(message, () -> {}));
    }

    /** Forgets a repository, as other proxies have done, after everything that came before is recorded. Waits for room. */
    public void forget(Forgotten order) throws InterruptedException {
        afterwards(() -> delivery.forget(order, true));
    }

    /**
     * Keeps a repository that was announced after this order was given, perhaps with an earlier time: its last value gets a time after
     * the order's. Waits for room.
     */
    public void outlive(Forgotten order) throws InterruptedException {
        afterwards(() -> delivery.outlive(order));
    }

    /**
     * Notes what stands in a part of the stream that is recorded next, or is superseded there. A message that was recorded before it was
     * read gets its position, and all of them are dropped when they come again. Waits for room.
     *
     * @param positions by id, in the stream's order
     */
    public void read(Map<UUID, LogPosition> positions) throws InterruptedException {
        afterwards(() -> {
            for (LogEntry entry : lastValues.all()) {
                LogPosition position = positions.get(entry.idOrNull());
                if (position != null
                        && !position.epoch().equals(entry.position().epoch())) {
                    delivery.locate(entry.at(position));
                }
            }
            positions.keySet().forEach(recentIds::add);
            positions.keySet().forEach(acks::recorded);
        });
    }

    /** Notes that everything up to this position of the stream has been recorded before. Waits for room. */
    public void readUpTo(LogPosition position) throws InterruptedException {
        afterwards(() -> delivery.readUpTo(position));
    }

    /** Runs an action, which must not block, after everything that came before is recorded. Waits for room. */
    public void afterwards(Runnable action) throws InterruptedException {
        put(new Item(null, action));
    }

    private void put(Item item) throws InterruptedException {
        boolean taken = !journal.mayBlock() && recordNow(List.of(item));
        while (!taken && journal.mayBlock() && !closed) {
            taken = queue.offer(item, PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized boolean recordNow(List<Item> items) {
        if (closed || listener == null) {
            return false;
        }
        record(items);
        return true;
    }

    private void record(List<Item> items) {
        RecordBatch batch = newBatch();
        for (Item item : items) {
            if (item.message() != null) {
                batch.add(item.message());
            } else {
                record(batch);
                batch = newBatch();
                run(item.action());
            }
        }
        record(batch);
    }

    private RecordBatch newBatch() {
        return new RecordBatch(lastValues, recentIds, journal, acks);
    }

    /** Whatever goes wrong here costs this batch, whose publishes then time out, and never the thread. */
    private void record(RecordBatch batch) {
        try {
            delivery.record(batch);
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("announcements", batch.accepted().size())
                    .setCause(e)
                    .log("announcements cannot be recorded");
        }
    }

    private static void run(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("action after recording failed");
        }
    }

    /** Returns whether a message has been recorded, or dropped as an older one, not too long ago. From any thread. */
    public boolean hasRecorded(UUID id) {
        return recentIds.contains(id);
    }

    /** The last entry of each repository. From any thread. */
    public LastValues lastValues() {
        return lastValues;
    }

    /** Returns whether announcements of this repository are needed: it has a last value, or the listener awaits it. From any thread. */
    public boolean awaits(RepositoryName repository) {
        LogListener to = listener;
        return lastValues.of(repository).isPresent() || (to != null && to.awaits(repository));
    }

    /** The epoch of the positions that this proxy assigns. */
    public String ownEpoch() {
        return journal.epoch();
    }

    /** Why nothing can be made safe at the moment; empty if it can. From any thread. */
    public Optional<IOException> failure() {
        return journal.failure();
    }

    /** Describes where entries are kept, for an operator. */
    public String describe() {
        return journal.describe();
    }

    /** Ends after the batch in progress; what still waits is dropped and not acknowledged. Closing twice is fine. */
    @Override
    public synchronized void close() {
        closed = true;
        queue.offer(new Item(null, () -> {}));
        try {
            if (thread != null) {
                thread.join(LONGEST_CLOSE.toMillis());
            }
            journal.close();
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("journal", journal.describe()).setCause(e).log("journal cannot be closed");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
