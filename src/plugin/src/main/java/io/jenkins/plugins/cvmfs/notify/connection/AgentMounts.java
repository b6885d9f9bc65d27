package io.jenkins.plugins.cvmfs.notify.connection;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation.Elsewhere;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation.MountPoint;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks agents what their own mounts serve, without a thread that waits for an answer: one question at a time for each agent and mount,
 * which all waits share, at most one a second. An agent that does not answer in time has failed until it does, and costs nothing
 * but its place.
 *
 * <p>All state is confined to one thread. The library's reader of other places is wrapped by {@link #besides}.
 */
final class AgentMounts implements AutoCloseable {

    /** An agent's client may take ten seconds of it; the rest is for the connection. */
    static final Duration TIME_LIMIT = Duration.ofSeconds(30);

    private static final Duration BETWEEN_QUESTIONS = Duration.ofSeconds(1);
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final Duration SLOW_LOOK = Duration.ofSeconds(2);
    private static final Duration FORGET = Duration.ofMinutes(1);
    private static final int MOST_PATHS = 50;

    /** A connection to an agent. Equal if it is the same one. */
    interface Line {

        /**
         * Sends the question. May block while the connection is full.
         *
         * @return its answer, which is looked for, not waited for
         */
        Future<String[]> ask(MountQuestion question) throws IOException;
    }

    /** The connections of Jenkins. */
    @FunctionalInterface
    interface Lines {

        /** Returns the present connection to a node; null if it is offline or gone. Does not block. */
        @Nullable
        Line to(String node);
    }

    private record Place(String node, String root) {}

    private record Asker(@Nullable String path, CompletableFuture<MountQuestion.Served> answer) {}

    /** A question on its way, and those who wait for its answer. */
    private record Inquiry(
            Line line, MountQuestion question, List<Asker> askers, CompletableFuture<Future<String[]>> sent) {

        private boolean isAnswered() {
            return sent.isDone()
                    && (sent.isCompletedExceptionally() || sent.join().isDone());
        }

        private MountQuestion.Served take() {
            try {
                return question.read(sent.get().get());
            } catch (ExecutionException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                throw new TransientFailureException("the agent cannot be asked: " + cause, cause);
            } catch (CancellationException e) {
                throw new TransientFailureException("the agent was disconnected", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new TransientFailureException("Jenkins is shutting down", e);
            } catch (NotifyException e) {
                throw e;
            } catch (RuntimeException e) {
                // An agent can answer with anything.
                throw new TransientFailureException("its answer is malformed: " + e, e);
            }
        }

        private void cancel() {
            var unused = sent.thenAccept(answer -> answer.cancel(true));
            fail(new TransientFailureException("the agent was disconnected"));
        }

        private void fail(NotifyException problem) {
            askers.forEach(asker -> asker.answer().completeExceptionally(problem));
        }
    }

    private final Lines lines;
    private final ScheduledExecutorService thread;
    private final Executor sending;
    private final Duration limit;
    private final Map<Place, Mounted> mounts = new HashMap<>();
    private boolean isLooking;

    /**
     * @param thread has one thread, which this blocks never
     * @param sending where sending may block, for one agent each
     * @param limit after which an agent has not answered
     */
    AgentMounts(Lines lines, ScheduledExecutorService thread, Executor sending, Duration limit) {
        this.lines = lines;
        this.thread = thread;
        this.sending = sending;
        this.limit = limit;
    }

    private CompletableFuture<MountQuestion.Served> ask(Elsewhere place) {
        CompletableFuture<MountQuestion.Served> answer = new CompletableFuture<>();
        run(
                () -> mounts.computeIfAbsent(new Place(place.machine(), place.root()), Mounted::new)
                        .ask(new Asker(place.path(), answer)),
                answer);
        return answer;
    }

    /** Looks for the path in the answer that has just come, or asks. */
    private CompletableFuture<Boolean> isPresent(Elsewhere place) {
        String path = place.path();
        if (path == null) {
            return CompletableFuture.completedFuture(true);
        }
        CompletableFuture<Boolean> present = new CompletableFuture<>();
        run(
                () -> {
                    Mounted mount = mounts.get(new Place(place.machine(), place.root()));
                    Boolean known = mount == null ? null : mount.paths.get(path);
                    if (known != null) {
                        present.complete(known);
                        return;
                    }
                    var unused = ask(place).whenComplete((served, failure) -> {
                        if (served != null) {
                            present.complete(served.paths().getOrDefault(path, false));
                        } else {
                            present.completeExceptionally(failure);
                        }
                    });
                },
                present);
        return present;
    }

    private void run(Runnable task, CompletableFuture<?> result) {
        try {
            thread.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException | Error e) {
                    result.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(new TransientFailureException("Jenkins is shutting down", e));
        }
    }

    /** Fails what is unanswered. The thread is closed by its owner, afterwards. */
    @Override
    public void close() {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        run(
                () -> {
                    mounts.values()
                            .forEach(mount -> mount.fail(new TransientFailureException("Jenkins is shutting down")));
                    mounts.clear();
                    closed.complete(null);
                },
                closed);
    }

    private void look() {
        boolean isHurried = false;
        boolean isLate = false;
        for (Mounted mount : List.copyOf(mounts.values())) {
            mount.look();
            isHurried |= mount.isAsking() && !mount.isLate;
            isLate |= mount.isLate;
        }
        for (Iterator<Mounted> known = mounts.values().iterator(); known.hasNext(); ) {
            if (known.next().isForgotten()) {
                known.remove();
            }
        }
        isLooking = isHurried || isLate;
        if (isLooking) {
            later(isHurried ? LOOK : SLOW_LOOK, this::look);
        }
    }

    private void later(Duration pause, Runnable task) {
        try {
            var unused = thread.schedule(task, pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // Closed: no wait is left.
        }
    }

    /** One mount of one agent. */
    private final class Mounted {

        private final Place place;
        /** Those who wait for the next answer; an answer is always to a question that was sent after it was asked for. */
        private final List<Asker> waiting = new ArrayList<>();

        private Map<String, Boolean> paths = Map.of();
        private @Nullable Inquiry open;
        private long begunAt;
        private boolean hasBegun;
        private boolean isDue;
        private boolean isLate;

        Mounted(Place place) {
            this.place = place;
        }

        private boolean isAsking() {
            return open != null;
        }

        private Duration sinceBegin() {
            return Duration.ofNanos(System.nanoTime() - begunAt);
        }

        private boolean isForgotten() {
            return !isAsking()
                    && waiting.isEmpty()
                    && (!hasBegun || sinceBegin().compareTo(FORGET) > 0);
        }

        void ask(Asker asker) {
            Line present = lines.to(place.node());
            if (open != null && !open.line().equals(present)) {
                // The answer will never come, or is no longer of interest: the agent is on another connection, or on
                // none.
                abandon();
            }
            if (present == null) {
                asker.answer().completeExceptionally(new TransientFailureException("the agent is offline"));
            } else if (isLate) {
                asker.answer()
                        .completeExceptionally(new TransientFailureException("the agent has not answered for %d s"
                                .formatted(sinceBegin().toSeconds())));
            } else {
                waiting.add(asker);
                beginSoon();
            }
        }

        private void beginSoon() {
            if (isAsking() || isDue || waiting.isEmpty()) {
                return;
            }
            Duration pause = hasBegun ? BETWEEN_QUESTIONS.minus(sinceBegin()) : Duration.ZERO;
            if (pause.isZero() || pause.isNegative()) {
                begin();
            } else {
                isDue = true;
                later(pause, () -> {
                    isDue = false;
                    if (!isAsking()) {
                        begin();
                    }
                });
            }
        }

        private void begin() {
            if (waiting.isEmpty()) {
                return;
            }
            Line present = lines.to(place.node());
            if (present == null) {
                fail(new TransientFailureException("the agent is offline"));
                return;
            }
            Set<String> looked = new LinkedHashSet<>();
            List<Asker> taken = new ArrayList<>();
            for (Iterator<Asker> next = waiting.iterator(); next.hasNext(); ) {
                Asker asker = next.next();
                if (asker.path() == null || looked.contains(asker.path()) || looked.size() < MOST_PATHS) {
                    if (asker.path() != null) {
                        looked.add(asker.path());
                    }
                    taken.add(asker);
                    next.remove();
                }
            }
            MountQuestion question = new MountQuestion(place.root(), List.copyOf(looked));
            CompletableFuture<Future<String[]>> sent = new CompletableFuture<>();
            open = new Inquiry(present, question, taken, sent);
            hasBegun = true;
            begunAt = System.nanoTime();
            try {
                sending.execute(() -> {
                    try {
                        sent.complete(present.ask(question));
                    } catch (IOException | RuntimeException | Error e) {
                        sent.completeExceptionally(e);
                    }
                });
            } catch (RejectedExecutionException e) {
                sent.completeExceptionally(e);
            }
            if (!isLooking) {
                isLooking = true;
                later(LOOK.dividedBy(2), AgentMounts.this::look);
            }
        }

        /** Takes the answer if it is there; gives up those who wait when it is late. */
        void look() {
            Inquiry asked = open;
            if (asked == null) {
                return;
            }
            if (asked.isAnswered()) {
                open = null;
                isLate = false;
                try {
                    MountQuestion.Served served = asked.take();
                    paths = served.paths();
                    asked.askers().forEach(asker -> asker.answer().complete(served));
                } catch (NotifyException e) {
                    asked.fail(e);
                }
                beginSoon();
            } else if (isLate) {
                if (!asked.line().equals(lines.to(place.node()))) {
                    abandon();
                }
            } else if (sinceBegin().compareTo(limit) >= 0) {
                isLate = true;
                fail(new TransientFailureException(
                        "the agent has not answered within %d s".formatted(limit.toSeconds())));
            }
        }

        private void abandon() {
            Inquiry left = open;
            open = null;
            isLate = false;
            hasBegun = false;
            if (left != null) {
                left.cancel();
            }
        }

        /** Fails all who wait. */
        void fail(TransientFailureException problem) {
            List<Asker> all = List.copyOf(waiting);
            waiting.clear();
            if (open != null) {
                open.fail(problem);
            }
            all.forEach(asker -> asker.answer().completeExceptionally(problem));
        }
    }

    /** Returns a reader of the other reader's places, and of agents. */
    RepositoryReader besides(RepositoryReader other) {
        return new RepositoryReader() {
            @Override
            public CompletableFuture<FetchedManifest> manifest(
                    RepositoryLocation location, @Nullable FetchedManifest previous) {
                return other.manifest(location, previous);
            }

            @Override
            public CompletableFuture<Boolean> objectPresent(
                    RepositoryLocation location, ContentHash hash, ObjectKind kind) {
                return other.objectPresent(location, hash, kind);
            }

            @Override
            public CompletableFuture<byte[]> file(RepositoryLocation location, String path, int maxBytes) {
                return other.file(location, path, maxBytes);
            }

            @Override
            public CompletableFuture<MountedRevision> mounted(MountPoint mount) {
                return mount instanceof Elsewhere agent
                        ? ask(agent).thenApply(MountQuestion.Served::revision)
                        : RepositoryReader.super.mounted(mount);
            }

            @Override
            public CompletableFuture<Boolean> pathPresent(MountPoint mount) {
                return mount instanceof Elsewhere agent ? isPresent(agent) : RepositoryReader.super.pathPresent(mount);
            }

            @Override
            public RepositoryLocation location(String text) {
                Elsewhere agent = Elsewhere.read(text);
                return agent == null ? other.location(text) : agent;
            }
        };
    }
}
