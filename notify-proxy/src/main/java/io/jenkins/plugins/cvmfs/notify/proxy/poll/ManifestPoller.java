package io.jenkins.plugins.cvmfs.notify.proxy.poll;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.transport.BackOff;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotFoundException;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
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
 * <p>Its state is on one thread, where the handlers are called too; public methods may be called on any thread. The queues are bounded by
 * the number of polls.
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
    public interface Handler<T> {

        /** Returns false to have the next read of an interval left out; not asked before a read that was asked for. */
        default boolean isReady() {
            return true;
        }

        /**
         * Takes a manifest.
         *
         * @param manifest the same object as before if it has not changed
         * @param isAsked whether somewhere an answer is waited for
         */
        CompletableFuture<T> read(FetchedManifest manifest, boolean isAsked);

        /** Takes the failure of a read. */
        CompletableFuture<T> failed(NotifyException cause, boolean isAsked);
    }

    private final class Host {
        private final String name;
        private final Deque<Poll> asked = new ArrayDeque<>();
        private final Deque<Poll> waiting = new ArrayDeque<>();
        private final BackOff pauses = new BackOff(FIRST_PAUSE, LONGEST_PAUSE, random::nextDouble);
        private int polls;
        private boolean isReading;
        private boolean isPaused;
        private boolean isFailing;

        Host(String name) {
            this.name = name;
        }

        /** Returns what may be read next; null if there is nothing. */
        @Nullable
        Poll next() {
            return asked.isEmpty() && !isPaused ? waiting.peek() : asked.peek();
        }
    }

    private final Source source;
    private final ScheduledExecutorService thread;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final Map<String, Host> hosts = new HashMap<>();
    private final Deque<Host> ready = new ArrayDeque<>();
    private int reads;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger failing = new AtomicInteger();

    /** @param thread one thread, which its owner shuts down; then nothing is answered any more */
    public ManifestPoller(
            Source source, ScheduledExecutorService thread, LongSupplier nanoTime, RandomGenerator random) {
        this.source = source;
        this.thread = thread;
        this.nanoTime = nanoTime;
        this.random = random;
    }

    /** Returns the number of reads that are due and wait for their host. */
    public int waiting() {
        return waiting.get();
    }

    /** Returns the number of hosts whose last read failed. */
    public int failing() {
        return failing.get();
    }

    /**
     * Makes a poll that reads only when it is asked to, until {@link Poll#every}.
     *
     * @param location not a mount
     */
    public Poll poll(RepositoryLocation location, Handler<T> handler) {
        return new Poll(location, handler);
    }

    private void run(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException proxyIsShuttingDown) {
            // Nothing is read any more.
        }
    }

    private Future<?> after(Duration time, Runnable task) {
        try {
            return thread.schedule(task, time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException proxyIsShuttingDown) {
            return CompletableFuture.completedFuture(null);
        }
    }

    private void enqueue(Poll poll) {
        (poll.isAsked() ? poll.host.asked : poll.host.waiting).add(poll);
        waiting.incrementAndGet();
        offer(poll.host);
        begin();
    }

    private boolean dequeue(Poll poll) {
        boolean wasQueued = poll.host.asked.remove(poll) || poll.host.waiting.remove(poll);
        if (wasQueued) {
            waiting.decrementAndGet();
        }
        return wasQueued;
    }

    /** Gives a host its turn, if it has something to read. */
    private void offer(Host host) {
        if (!host.isReading && host.next() != null) {
            host.isReading = true;
            ready.add(host);
        }
    }

    private void begin() {
        while (reads < MOST_READS && !ready.isEmpty()) {
            Host host = ready.remove();
            Poll poll = host.next();
            if (poll == null) {
                host.isReading = false;
                continue;
            }
            dequeue(poll);
            reads++;
            var unused = poll.begin()
                    .whenComplete((manifest, failure) -> run(() -> {
                        reads--;
                        host.isReading = false;
                        NotifyException cause = failure == null ? null : cause(failure);
                        note(host, cause);
                        poll.ended(manifest, cause);
                        offer(host);
                        begin();
                    }));
        }
    }

    private static boolean isOfHost(@Nullable NotifyException failure) {
        return failure instanceof TransientFailureException && !(failure instanceof NotFoundException);
    }

    private void note(Host host, @Nullable NotifyException failure) {
        setFailing(host, isOfHost(failure));
        if (failure == null || !isOfHost(failure)) {
            host.pauses.reset();
            host.isPaused = false;
            return;
        }
        // Those that were asked for would fail too, and each takes its time.
        List<Poll> asked = List.copyOf(host.asked);
        asked.forEach(this::dequeue);
        asked.forEach(poll -> poll.giveUp(failure));
        if (!host.isPaused) {
            host.isPaused = true;
            var unused = after(host.pauses.next(), () -> {
                host.isPaused = false;
                offer(host);
                begin();
            });
        }
    }

    private void setFailing(Host host, boolean fails) {
        if (fails != host.isFailing && host.polls > 0) {
            host.isFailing = fails;
            failing.addAndGet(fails ? 1 : -1);
        }
    }

    private static NotifyException cause(Throwable failure) {
        Throwable cause = NotifyException.unwrapped(failure);
        return cause instanceof NotifyException expected
                ? expected
                : new TransientFailureException("the read failed: " + cause, cause);
    }

    /** The reads of one repository. */
    public final class Poll {

        private final RepositoryLocation location;
        private final Handler<T> handler;
        private List<CompletableFuture<T>> asked = new ArrayList<>();
        private List<CompletableFuture<T>> answering = List.of();
        private @Nullable FetchedManifest last;
        private @Nullable Duration interval;
        private @Nullable Duration soon;
        private @Nullable Future<?> next;
        private @Nullable Long begunNanos;
        private boolean isBusy;

        @SuppressWarnings("NullAway.Init") // set by the first task
        private Host host;

        private Poll(RepositoryLocation location, Handler<T> handler) {
            this.location = location;
            this.handler = handler;
            run(() -> {
                host = hosts.computeIfAbsent(location.host(), Host::new);
                host.polls++;
            });
        }

        public RepositoryLocation location() {
            return location;
        }

        /** Reads it from now on, first after a random part of {@code spread}. */
        public void every(Duration time, Duration spread) {
            run(() -> {
                interval = time;
                if (!isBusy && !isAsked()) {
                    schedule(spread.multipliedBy(random.nextInt(1_000)).dividedBy(1_000));
                }
            });
        }

        /** Has the next read of the interval begin within this time; to be called while a read is handled. */
        public void within(Duration time) {
            run(() -> soon = time);
        }

        /** Ends it. Those who wait for an answer get it. To be called once. */
        public void stop() {
            run(() -> {
                interval = null;
                if (!isAsked()) {
                    cancelNext();
                    isBusy &= !dequeue(this);
                }
                if (host.polls == 1) {
                    setFailing(host, false);
                    hosts.remove(host.name, host);
                }
                host.polls--;
            });
        }

        /**
         * Asks for a read, ahead of others of its host, and even if the host is left alone. Several that ask before a read begins share it.
         *
         * @return completes as the handler's future for a read that begins after this call
         */
        public CompletableFuture<T> now() {
            CompletableFuture<T> answer = new CompletableFuture<>();
            try {
                thread.execute(() -> ask(answer));
            } catch (RejectedExecutionException e) {
                answer.completeExceptionally(new TransientFailureException("the proxy is shutting down", e));
            }
            return answer;
        }

        private void ask(CompletableFuture<T> answer) {
            asked.add(answer);
            if (!isBusy && asked.size() == 1) {
                scheduleAsked();
            } else if (asked.size() == 1 && dequeue(this)) {
                enqueue(this);
            }
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

        private boolean isAsked() {
            return !asked.isEmpty();
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
            if (isAsked() || handler.isReady()) {
                isBusy = true;
                enqueue(this);
            } else if (interval != null) {
                schedule(interval.compareTo(NOT_READY_PAUSE) < 0 ? interval : NOT_READY_PAUSE);
            }
        }

        private CompletableFuture<FetchedManifest> begin() {
            begunNanos = nanoTime.getAsLong();
            takeAsked();
            try {
                return source.manifest(location, last);
            } catch (RuntimeException e) {
                return CompletableFuture.failedFuture(e);
            }
        }

        private void takeAsked() {
            answering = asked;
            asked = new ArrayList<>();
        }

        /** Ends a read that has not begun. */
        private void giveUp(NotifyException failure) {
            takeAsked();
            ended(null, failure);
        }

        private void ended(@Nullable FetchedManifest manifest, @Nullable NotifyException failure) {
            var unused = handle(manifest, failure)
                    .whenComplete((result, problem) -> run(() -> {
                        List<CompletableFuture<T>> answers = answering;
                        answering = List.of();
                        isBusy = false;
                        scheduleNext(isOfHost(failure));
                        answers.forEach(answer -> {
                            if (problem == null) {
                                answer.complete(result);
                            } else {
                                answer.completeExceptionally(problem);
                            }
                        });
                    }));
        }

        private CompletableFuture<T> handle(@Nullable FetchedManifest manifest, @Nullable NotifyException failure) {
            try {
                if (manifest != null) {
                    last = manifest;
                    return handler.read(manifest, !answering.isEmpty());
                }
                return handler.failed(Objects.requireNonNull(failure), !answering.isEmpty());
            } catch (RuntimeException e) {
                return CompletableFuture.failedFuture(e);
            }
        }

        /** After a failure of the host it waits for the host, however long its interval is. */
        private void scheduleNext(boolean hostFailed) {
            Duration most = soon;
            soon = null;
            if (isAsked()) {
                scheduleAsked();
            } else if (interval != null && hostFailed) {
                isBusy = true;
                enqueue(this);
            } else if (interval != null) {
                double part = 1 + VARIATION * (2 * random.nextDouble() - 1);
                Duration pause = Duration.ofNanos((long) (interval.toNanos() * part));
                schedule(most != null && most.compareTo(pause) < 0 ? most : pause);
            }
        }
    }
}
