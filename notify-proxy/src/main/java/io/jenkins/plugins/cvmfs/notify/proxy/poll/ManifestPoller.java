package io.jenkins.plugins.cvmfs.notify.proxy.poll;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.transport.BackOff;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotFoundException;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.HostTurns;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Reads the manifests of many repositories, each at its interval: of a host one at a time, so that it sees one connection, and of all
 * hosts few at a time. What has not changed costs a host only headers. A host that cannot be reached, is too slow or busy is left alone
 * for 2 s, then for twice as long each time, up to 5 minutes.
 *
 * <p>Confined to one thread, where the handlers are called too, except for the two numbers and {@link Poll#within}. The queues are bounded
 * by the number of polls.
 *
 * @param <T> the result of handling a read
 */
public final class ManifestPoller<T> {

    static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
    static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    /** Between the starts of two reads of a repository, however often it is asked for. */
    static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(1);

    /** After a read was left out because its handler was not ready. */
    static final Duration NOT_READY_PAUSE = Duration.ofSeconds(5);

    private static final int MOST_READS = 16;

    /** An interval varies by up to this part of it, so that several proxies do not keep in step. */
    private static final double VARIATION = 0.1;

    /**
     * Reads begin together at multiples of this, or of a part of a short interval: what is read one after the other costs a fifth of what
     * is read now and then, because threads and caches stay awake.
     */
    private static final Duration TOGETHER = Duration.ofSeconds(2);

    private static final int PARTS_OF_INTERVAL = 30;

    /** Reads one manifest, as {@link io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader#manifest} does. */
    @FunctionalInterface
    public interface Source {
        CompletableFuture<FetchedManifest> manifest(RepositoryLocation location, @Nullable FetchedManifest previous);
    }

    /** Takes what is read. Until the returned future completes, the repository is not read again. */
    interface Handler<T> {

        /** Returns false to have the next read of an interval left out; not asked before a read that was asked for. */
        boolean isReady();

        /**
         * Takes a manifest.
         *
         * @param manifest the same object as before if it has not changed
         * @param isAsked whether somewhere an answer is waited for
         */
        CompletableFuture<T> read(FetchedManifest manifest, boolean isAsked);

        /** Takes the failure of a read. */
        CompletableFuture<T> failed(NotifyException cause);
    }

    private final class Host {
        private final String name;
        private final BackOff pauses = new BackOff(FIRST_PAUSE, LONGEST_PAUSE, random::nextDouble);
        private int polls;
        private boolean isFailing;

        Host(String name) {
            this.name = name;
        }
    }

    private final Source source;
    private final ScheduledExecutorService thread;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final HostTurns<Poll> turns;
    private final Map<String, Host> hosts = new HashMap<>();
    private final AtomicInteger failing = new AtomicInteger();

    /** @param thread one thread, which its owner shuts down; then nothing is answered any more */
    ManifestPoller(Source source, ScheduledExecutorService thread, LongSupplier nanoTime, RandomGenerator random) {
        this.source = source;
        this.thread = thread;
        this.nanoTime = nanoTime;
        this.random = random;
        this.turns = new HostTurns<>(1, MOST_READS, thread);
    }

    /** Returns the number of reads that are due and wait for their host. */
    int waiting() {
        return turns.waiting();
    }

    /** Returns the number of hosts whose last read failed. */
    int failing() {
        return failing.get();
    }

    /**
     * Makes a poll that reads only when it is asked to, until {@link Poll#every}.
     *
     * @param location not a mount
     */
    Poll poll(RepositoryLocation location, Handler<T> handler) {
        return new Poll(location, handler);
    }

    private static boolean isOfHost(@Nullable NotifyException failure) {
        return failure instanceof TransientFailureException && !(failure instanceof NotFoundException);
    }

    private void note(Host host, @Nullable NotifyException failure) {
        setFailing(host, isOfHost(failure));
        if (failure == null || !isOfHost(failure)) {
            host.pauses.reset();
            turns.resume(host.name);
            return;
        }
        // Those that were asked for would fail too, and each takes its time.
        turns.removeUrgent(host.name).forEach(poll -> poll.giveUp(failure));
        if (turns.pause(host.name)) {
            var unused = after(host.pauses.next(), () -> turns.resume(host.name));
        }
    }

    private void setFailing(Host host, boolean fails) {
        if (fails != host.isFailing && host.polls > 0) {
            host.isFailing = fails;
            failing.addAndGet(fails ? 1 : -1);
        }
    }

    private Future<?> after(Duration time, Runnable task) {
        return thread.schedule(task, time.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static NotifyException cause(Throwable failure) {
        Throwable cause = NotifyException.unwrapped(failure);
        return cause instanceof NotifyException expected
                ? expected
                : new TransientFailureException("the read failed: " + cause, cause);
    }

    /** The reads of one repository. */
    final class Poll implements HostTurns.Task<FetchedManifest> {

        private final RepositoryLocation location;
        private final Handler<T> handler;
        private final Host host;
        private @Nullable CompletableFuture<T> asked;
        private @Nullable CompletableFuture<T> answering;
        private @Nullable FetchedManifest last;
        private @Nullable Duration interval;
        private @Nullable Duration soon;
        private @Nullable Future<?> next;
        private @Nullable Long begunNanos;

        /** From when it is due until its result has been handled. */
        private boolean isBusy;

        private Poll(RepositoryLocation location, Handler<T> handler) {
            this.location = location;
            this.handler = handler;
            this.host = hosts.computeIfAbsent(location.host(), Host::new);
            host.polls++;
        }

        RepositoryLocation location() {
            return location;
        }

        /** Reads it from now on, first after a random part of {@code spread}. */
        void every(Duration time, Duration spread) {
            interval = time;
            if (!isBusy && asked == null) {
                schedule(spread.multipliedBy(random.nextInt(1_000)).dividedBy(1_000));
            }
        }

        /** Has the next read of the interval begin within this time; to be called while a read is handled, from any thread. */
        void within(Duration time) {
            thread.execute(() -> soon = time);
        }

        /** Ends it. Those who wait for an answer get it. To be called once. */
        void stop() {
            interval = null;
            if (asked == null) {
                cancelNext();
                isBusy &= !turns.remove(this);
            }
            if (host.polls == 1) {
                setFailing(host, false);
                hosts.remove(host.name, host);
            }
            host.polls--;
        }

        /**
         * Asks for a read, ahead of others of its host, and even if the host is left alone. Several that ask before a read begins share it.
         *
         * @return completes as the handler's future for a read that begins after this call
         */
        CompletableFuture<T> now() {
            if (asked != null) {
                return asked;
            }
            CompletableFuture<T> answer = new CompletableFuture<>();
            asked = answer;
            if (isBusy) {
                turns.promote(this);
            } else {
                scheduleAsked();
            }
            return answer;
        }

        private void scheduleAsked() {
            cancelNext();
            Duration rest = begunNanos == null
                    ? Duration.ZERO
                    : SHORTEST_INTERVAL.minusNanos(nanoTime.getAsLong() - begunNanos);
            if (rest.isNegative() || rest.isZero()) {
                due();
            } else {
                next = after(rest, this::due);
            }
        }

        /** Schedules the next read of the interval. */
        private void schedule(Duration time) {
            cancelNext();
            Duration together = interval == null ? Duration.ZERO : interval.dividedBy(PARTS_OF_INTERVAL);
            long step = Math.max(1, Math.min(together.toNanos(), TOGETHER.toNanos()));
            long now = nanoTime.getAsLong();
            long at = now + time.toNanos();
            next = after(Duration.ofNanos(at - now + step - 1 - Math.floorMod(at - 1, step)), this::due);
        }

        private void cancelNext() {
            if (next != null) {
                next.cancel(false);
                next = null;
            }
        }

        private void due() {
            next = null;
            if (asked != null || handler.isReady()) {
                takeTurn();
            } else if (interval != null) {
                schedule(interval.compareTo(NOT_READY_PAUSE) < 0 ? interval : NOT_READY_PAUSE);
            }
        }

        private void takeTurn() {
            isBusy = true;
            turns.add(this);
        }

        @Override
        public Object host() {
            return host.name;
        }

        @Override
        public boolean isUrgent() {
            return asked != null;
        }

        @Override
        public CompletableFuture<FetchedManifest> begin() {
            begunNanos = nanoTime.getAsLong();
            takeAsked();
            return source.manifest(location, last);
        }

        private void takeAsked() {
            answering = asked;
            asked = null;
        }

        /** Ends a read that has not begun. */
        private void giveUp(NotifyException failure) {
            takeAsked();
            handle(null, failure);
        }

        @Override
        public void ended(@Nullable FetchedManifest manifest, @Nullable Throwable failure) {
            NotifyException cause = failure == null ? null : cause(failure);
            handle(manifest, cause);
            note(host, cause);
        }

        private void handle(@Nullable FetchedManifest manifest, @Nullable NotifyException failure) {
            var unused = handled(manifest, failure)
                    .whenComplete((result, problem) -> thread.execute(() -> {
                        CompletableFuture<T> answer = answering;
                        answering = null;
                        isBusy = false;
                        scheduleNext(isOfHost(failure));
                        if (answer != null && problem == null) {
                            answer.complete(result);
                        } else if (answer != null) {
                            answer.completeExceptionally(problem);
                        }
                    }));
        }

        private CompletableFuture<T> handled(@Nullable FetchedManifest manifest, @Nullable NotifyException failure) {
            try {
                if (manifest != null) {
                    last = manifest;
                    return handler.read(manifest, answering != null);
                }
                return handler.failed(Objects.requireNonNull(failure));
            } catch (RuntimeException e) {
                return CompletableFuture.failedFuture(e);
            }
        }

        /** After a failure of the host it waits for the host, however long its interval is. */
        private void scheduleNext(boolean hostFailed) {
            Duration most = soon;
            soon = null;
            if (asked != null) {
                scheduleAsked();
            } else if (interval != null && hostFailed) {
                takeTurn();
            } else if (interval != null) {
                double part = 1 + VARIATION * (2 * random.nextDouble() - 1);
                Duration pause = Duration.ofNanos((long) (interval.toNanos() * part));
                schedule(most != null && most.compareTo(pause) < 0 ? most : pause);
            }
        }
    }
}
