package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryLimits;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records arrivals one after the other and delivers what is new in them, each once and in the order of arrival, after it was made
 * as safe as its source asks for. One thread does all of it; arrivals wait for it in a bounded queue. Without a disk there is nothing to
 * wait for, and those who bring arrivals do it, one at a time.
 */
public final class LogRecorder implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LogRecorder.class);

    /** Ids that are remembered if a publish can arrive again, however long ago they came, and at most: the arrays of a million take 32 MB. */
    private static final int LEAST_IDS = 64 * 1024;

    private static final int MOST_IDS = 1024 * 1024;

    private static final int LARGEST_BATCH = 256;
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(5);

    private final Journal journal;
    private final Settlement settlement;
    private final MeterRegistry meters;
    private final BlockingQueue<LedgerItem> waiting;
    private final LastValues lastValues;
    private final RecentIds seen;
    private final LeftOut leftOut;
    private final OwnPositions positions;
    private final JournalWriter writer;
    private volatile boolean closed;
    private @Nullable Thread thread;
    private @Nullable Recorder prompt;

    /**
     * @param limits how many last values are kept
     * @param capacity arrivals that may wait
     * @param sentAgainWithin the time after which a publish that has arrived cannot arrive once more
     * @param settlement hears what became of each publish
     * @throws PermanentFailureException if the journal cannot be read; it is then closed
     */
    LogRecorder(
            Journal journal,
            RepositoryLimits limits,
            int capacity,
            Duration sentAgainWithin,
            Settlement settlement,
            MeterRegistry meters) {
        this.journal = journal;
        this.settlement = settlement;
        this.meters = meters;
        this.waiting = new ArrayBlockingQueue<>(capacity);
        this.lastValues = new LastValues(limits, List.of());
        int leastIds = sentAgainWithin.isZero() ? 1 : LEAST_IDS;
        this.seen =
                new RecentIds(new RecentIds.Retention(leastIds, sentAgainWithin, MOST_IDS), System::nanoTime, meters);
        this.leftOut = new LeftOut(limits, meters);
        this.positions = new OwnPositions(recover());
        this.writer = new JournalWriter(journal, positions, lastValues, meters);
        lastValues.all().forEach(entry -> entry.id().ifPresent(seen::add));
        Gauge.builder("cvmfs_notify_log_waiting", waiting, BlockingQueue::size)
                .description("Arrivals waiting to be recorded")
                .register(meters);
    }

    /** The next write leaves out of the file what the limits have no room for. */
    private JournalHeader recover() {
        Set<RepositoryName> forgotten = new LinkedHashSet<>();
        JournalHeader header = journal.recover(found -> forgotten.addAll(lastValues.recover(found)));
        forgotten.removeIf(repository -> lastValues.of(repository).isPresent());
        leftOut.add(forgotten);
        if (!forgotten.isEmpty()) {
            keepCopy();
        }
        return header;
    }

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

    /**
     * A ledger that keeps its entries in this folder, or forgets them with the process if there is none.
     *
     * @param limits how many last values are kept
     * @param capacity arrivals that may wait
     * @param sentAgainWithin the time after which a publish that has arrived cannot arrive once more
     * @param settlement hears what became of each publish
     * @throws PermanentFailureException if the folder cannot be used, or another proxy uses it
     */
    public static LogRecorder open(
            Optional<Path> folder,
            RepositoryLimits limits,
            int capacity,
            Duration sentAgainWithin,
            Settlement settlement,
            MeterRegistry meters) {
        Journal journal = folder.<Journal>map(JournalFile::open).orElseGet(NoJournal::new);
        return new LogRecorder(journal, limits, capacity, sentAgainWithin, settlement, meters);
    }

    /** Delivers the last values, then everything that arrives. Called once. */
    public synchronized void start(LogListener tail) {
        Delivery delivery = new Delivery(lastValues, tail, leftOut, meters);
        Recorder recorder = new Recorder(writer, delivery, settlement, meters);
        if (!mayBlock()) {
            delivery.replay();
            prompt = recorder;
            return;
        }
        Thread started = new Thread(() -> run(delivery, recorder), "cvmfs-notify-ledger");
        started.setDaemon(true);
        started.start();
        thread = started;
    }

    /** Whether taking on an arrival may have to wait for the disk. If there is none, it is recorded on its caller's thread. */
    boolean mayBlock() {
        return !(journal instanceof NoJournal);
    }

    /** Takes on an arrival unless too many wait. Never blocks; from any thread. */
    public boolean offer(IncomingMessage arrival) {
        return offerItem(arrival);
    }

    /** Takes on a repository to be forgotten unless too many wait. Never blocks; from any thread. */
    public boolean offer(Forget order) {
        return offerItem(order);
    }

    private boolean offerItem(LedgerItem item) {
        return mayBlock() ? !closed && waiting.offer(item) : workOffAtOnce(item);
    }

    /** Takes on a repository to be forgotten, waiting for room. From any thread but the ledger's. */
    public void put(Forget order) throws InterruptedException {
        putItem(order);
    }

    /** Takes on an order that a repository has outlived, waiting for room. From any thread but the ledger's. */
    public void put(Outlived outlived) throws InterruptedException {
        putItem(outlived);
    }

    /** Takes on an arrival, waiting for room. From any thread but the ledger's. */
    public void put(IncomingMessage arrival) throws InterruptedException {
        putItem(arrival);
    }

    /** Runs an action, which must not block, after everything that arrived before is recorded. Waits for room. */
    public void afterwards(Runnable action) throws InterruptedException {
        putItem(new Errand(action));
    }

    private void putItem(LedgerItem item) throws InterruptedException {
        if (!mayBlock()) {
            workOffAtOnce(item);
            return;
        }
        boolean taken = false;
        while (!taken && !closed) {
            taken = waiting.offer(item, PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** The last entry of each repository. From any thread. */
    public LastValues lastValues() {
        return lastValues;
    }

    /** The epoch of the positions that this proxy gives out itself. */
    public String ownEpoch() {
        return positions.epoch();
    }

    /** Why nothing can be made safe at the moment; empty if it can. From any thread. */
    public Optional<IOException> trouble() {
        return writer.trouble();
    }

    /** Where entries are kept, for an operator. */
    public String describe() {
        return journal.describe();
    }

    private void run(Delivery delivery, Recorder recorder) {
        delivery.replay();
        writer.repair();
        List<LedgerItem> items = new ArrayList<>();
        while (!closed) {
            takeInto(items);
            workOff(items, recorder);
            items.clear();
        }
    }

    private void takeInto(List<LedgerItem> items) {
        try {
            LedgerItem first = waiting.poll(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
            if (first != null) {
                items.add(first);
                waiting.drainTo(items, LARGEST_BATCH - 1);
            } else if (writer.trouble().isPresent()) {
                writer.repair();
            }
        } catch (InterruptedException e) {
            LOG.atWarn().log("The ledger's thread was interrupted; it goes on, only closing the ledger ends it");
        }
    }

    private synchronized boolean workOffAtOnce(LedgerItem item) {
        if (closed || prompt == null) {
            return false;
        }
        workOff(List.of(item), prompt);
        return true;
    }

    private void workOff(List<LedgerItem> items, Recorder recorder) {
        RecordBatch batch = newBatch();
        for (LedgerItem item : items) {
            if (item instanceof IncomingMessage arrival) {
                batch.add(arrival);
            } else if (item instanceof Errand errand) {
                record(batch, recorder);
                batch = newBatch();
                run(errand);
            } else if (item instanceof Forget order) {
                record(batch, recorder);
                batch = newBatch();
                run(new Errand(() -> recorder.forget(order)));
            } else if (item instanceof Outlived outlived) {
                record(batch, recorder);
                batch = newBatch();
                run(new Errand(() -> recorder.outlive(outlived)));
            }
        }
        record(batch, recorder);
    }

    /** Whatever goes wrong here costs this batch, whose publishes then fail when their time is up, and never the thread. */
    private static void record(RecordBatch batch, Recorder recorder) {
        try {
            recorder.record(batch);
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("announcements", batch.accepted().size())
                    .setCause(e)
                    .log("Announcements could not be recorded");
        }
    }

    private static void run(Errand errand) {
        try {
            errand.action().run();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("What was to be done after an arrival was recorded has failed");
        }
    }

    private RecordBatch newBatch() {
        return new RecordBatch(lastValues, seen, positions);
    }

    /** Ends after the batch in work; what still waits is left out and not settled. Closing twice is fine. */
    @Override
    public synchronized void close() {
        closed = true;
        waiting.offer(new Errand(() -> {}));
        try {
            if (thread != null) {
                thread.join(LONGEST_CLOSE.toMillis());
            }
            journal.close();
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("journal", journal.describe()).setCause(e).log("Journal cannot be closed");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
