package io.jenkins.plugins.cvmfs.notify.proxy.log.upstream;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.message.RelayPath;
import io.jenkins.plugins.cvmfs.notify.client.transport.DaemonThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices when relays follow each other in a circle. Each relay tells its id and those of the relays above it; so one that finds its own id
 * above its upstream is part of a loop. It asks before the first connection, at each connection, and as long as the upstream is a relay
 * every ten seconds or so, because any relay above may have got another upstream. In a loop the relay with the smallest id stops following,
 * and the others continue.
 */
final class LoopGuard implements AutoCloseable {

    /** A server that is no relay cannot become one without a new connection; so it is asked that many times less often. */
    private static final int RARELY = 30;

    private static final Logger LOG = LoggerFactory.getLogger(LoopGuard.class);

    private final String id;
    private final Supplier<CompletableFuture<RelayPath>> ask;
    private final Duration interval;
    private final Consumer<Optional<String>> whenAsked;
    private final ScheduledExecutorService thread;
    private volatile List<String> above = List.of();
    private volatile Optional<String> loop = Optional.empty();

    /** Used on the guard's thread. */
    private String reported = "";

    /** The next question; used on the guard's thread. */
    private @Nullable ScheduledFuture<?> next;

    /**
     * @param id of this relay
     * @param ask asks the upstream for its relays; completes within a time limit
     * @param interval the time between two questions, on average
     * @param whenAsked called on this guard's thread after each question, with the loop for which this relay has to stop following
     */
    LoopGuard(
            String id,
            Supplier<CompletableFuture<RelayPath>> ask,
            Duration interval,
            Consumer<Optional<String>> whenAsked) {
        this.id = id;
        this.ask = ask;
        this.interval = interval;
        this.whenAsked = whenAsked;
        this.thread = DaemonThreads.scheduler("cvmfs-notify-relay");
    }

    /** Asks now, and then again and again. From any thread. */
    void ask() {
        thread.execute(this::check);
    }

    private void check() {
        if (next != null) {
            next.cancel(false);
        }
        next = null;
        var unused = CompletableFuture.completedFuture(id)
                .thenCompose(own -> ask.get())
                .handle((path, failure) -> {
                    Duration pause = isNoRelay(failure) ? interval.multipliedBy(RARELY) : interval;
                    answered(path == null ? List.of() : path.relays(), pause);
                    return null;
                });
    }

    /** Returns true if the server has answered, and is no relay. */
    private static boolean isNoRelay(@Nullable Throwable failure) {
        return failure != null && NotifyException.unwrapped(failure) instanceof PermanentFailureException;
    }

    /** An upstream that cannot be reached is taken for the top, as one that is no relay. */
    private void answered(List<String> relays, Duration pause) {
        thread.execute(() -> {
            judge(relays);
            askAgain(pause);
        });
    }

    private void askAgain(Duration pause) {
        if (next == null) {
            long millis = pause.toMillis();
            next = thread.schedule(
                    this::check, millis / 2 + ThreadLocalRandom.current().nextLong(millis), TimeUnit.MILLISECONDS);
        }
    }

    private void judge(List<String> relays) {
        int own = relays.indexOf(id);
        above = own < 0 ? relays : relays.subList(0, own);
        List<String> members = new ArrayList<>(above);
        members.add(id);
        String found = own < 0 ? "" : id + " > " + String.join(" > ", members);
        if (!found.equals(reported) && own >= 0) {
            LOG.atError().addKeyValue("relays", found).log("relays form a loop; correct upstream.url of one of them");
        }
        reported = found;
        boolean isToStop = own >= 0 && Collections.min(members).equals(id);
        loop = isToStop ? Optional.of(found) : Optional.empty();
        whenAsked.accept(loop);
    }

    /** Returns the ids of this relay and those above it; of this relay alone while it does not follow. */
    List<String> relays() {
        List<String> all = new ArrayList<>(List.of(id));
        if (loop.isEmpty()) {
            all.addAll(above);
        }
        return all;
    }

    /** Returns the loop for which this relay does not follow its upstream. */
    Optional<String> loop() {
        return loop;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
