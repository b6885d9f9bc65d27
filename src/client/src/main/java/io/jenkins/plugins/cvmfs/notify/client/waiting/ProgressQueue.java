package io.jenkins.plugins.cvmfs.notify.client.waiting;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The lines for one listener. They are delivered one by one, in order, on threads that may block; the end comes last. */
final class ProgressQueue {

    static final int CAPACITY = 100;

    private static final Logger LOG = LoggerFactory.getLogger(ProgressQueue.class);

    private final ProgressListener listener;
    private final Executor threads;
    private final Queue<String> lines = new ArrayDeque<>();
    private int dropped;
    private @Nullable Runnable end;
    private boolean busy;

    ProgressQueue(ProgressListener listener, Executor threads) {
        this.listener = listener;
        this.threads = threads;
    }

    synchronized void add(String line) {
        if (lines.size() == CAPACITY) {
            lines.remove();
            dropped++;
        }
        lines.add(line);
        begin();
    }

    /** Runs this after all lines. May be called again if it throws because no thread is available. */
    synchronized void end(Runnable last) {
        end = last;
        begin();
    }

    /** Drops the lines that were not delivered. */
    synchronized void discard() {
        lines.clear();
        dropped = 0;
    }

    private void begin() {
        if (!busy) {
            busy = true;
            try {
                threads.execute(this::deliver);
            } catch (RuntimeException | Error e) {
                busy = false;
                throw e;
            }
        }
    }

    private void deliver() {
        Runnable next = next();
        while (next != null) {
            try {
                next.run();
            } catch (RuntimeException | Error e) {
                LOG.atWarn().setCause(e).log("progress listener failed");
            }
            next = next();
        }
    }

    private synchronized @Nullable Runnable next() {
        if (dropped > 0) {
            String line = dropped + " lines were dropped here";
            dropped = 0;
            return () -> listener.progress(line);
        }
        String line = lines.poll();
        if (line != null) {
            return () -> listener.progress(line);
        }
        Runnable last = end;
        end = null;
        busy = last != null;
        return last;
    }
}
