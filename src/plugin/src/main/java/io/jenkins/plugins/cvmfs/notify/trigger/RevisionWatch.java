package io.jenkins.plugins.cvmfs.notify.trigger;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateOutcome;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateReport;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.ReplicaState;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotFoundException;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import io.jenkins.plugins.cvmfs.notify.client.waiting.ProgressListener;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitService;
import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Watches one repository for one job, and puts a build into Jenkins' queue for each new revision, or for the newest of several.
 *
 * <p>The order, so that no revision is missed and none is built twice: a revision is found, verified, saved as pending, built, saved
 * as handled. It stays pending until its build has started and is saved. After a restart the newest builds are searched for it first.
 *
 * <p>The methods may be called on any thread and do not block: each does its work as a task of the {@link Host}, one at a time.
 */
final class RevisionWatch {

    private static final Duration RETRY = Duration.ofMinutes(1);
    private static final Duration SOON = Duration.ofSeconds(10);

    /** The length of one wait of the client library: the next one looks up server, token and HTTP proxy again. */
    private static final Duration LONGEST_WAIT = Duration.ofHours(6);

    /**
     * The parameters of a trigger, for one repository.
     *
     * @param replicas as configured; empty for all, or for where it is published if nothing is required either
     * @param require as configured; null if it is not set
     * @param server as configured; null if it is not set
     * @param quietPeriod how long to collect revisions after the first
     * @param spacing the least time between two builds
     * @param everyRevision true for a build for each revision, false for one for the newest
     * @param buildExisting true if the revision that is found first is built too
     */
    record Parameters(
            RepositoryName repository,
            List<String> replicas,
            @Nullable Requirement require,
            @Nullable String server,
            Duration quietPeriod,
            Duration spacing,
            boolean everyRevision,
            boolean buildExisting) {

        private Condition condition(ConfiguredSites sites, Target target, Instant deadline) {
            boolean whereItIsPublished = replicas.isEmpty() && require == null;
            List<Replica> watched =
                    whereItIsPublished ? sites.publishedAt(repository) : sites.replicas(repository, replicas);
            Requirement needed = whereItIsPublished ? Requirement.ANY : require == null ? Requirement.ALL : require;
            return new Condition(repository, target, watched, needed, StalePolicy.WAIT, deadline, null);
        }
    }

    /** The surroundings of a watch. Everything but {@link #execute} and {@link #after} may block. */
    interface Host {

        /** Returns what was saved; empty at first. */
        Optional<KnownRevisions> load();

        /** Saves it atomically. What cannot be saved is reported. */
        void save(KnownRevisions known);

        ConfiguredSites sites();

        /**
         * Starts a wait.
         *
         * @throws NotifyException if there is no token for the server, or too many wait already
         */
        Wait open(Optional<ServerSettings> server, GateSnapshot start, ProgressListener progress);

        /**
         * Listens to the announcements of the repository.
         *
         * @param listener must not block
         * @return what to close; null if the server is configured for polling
         * @throws NotifyException if there is no token for the server
         */
        WaitService.@Nullable Listening listen(ServerSettings server, Consumer<ActivityMessage> listener);

        /**
         * Verifies the manifest with this summary at this replica.
         *
         * @param announced the manifest, if it was announced and the replica may have a newer one; null to read it there
         * @throws NotifyException if it is not valid, cannot be read, or is not there any more
         */
        void verify(Replica replica, ManifestSummary expected, MasterKeys keys, byte @Nullable [] announced);

        /** Returns true if a build for the repository is in Jenkins' queue. */
        boolean isQueued();

        /** Puts a build into Jenkins' queue; returns false if the job cannot be built now. */
        boolean schedule(ManifestSummary revision);

        /** Returns the revisions that the newest builds were started for, unless they never began. */
        List<ManifestSummary> built();

        /** Runs the task where it may block. */
        void execute(Runnable task);

        /** Runs the task later, on a thread where it must not block. */
        Future<?> after(Duration delay, Runnable task);

        /** Reports a problem to the administrators. */
        void problem(String text);
    }

    private final Parameters parameters;
    private final Host host;
    private final Clock clock;
    private final SerialTasks tasks;

    private volatile KnownRevisions known;
    private volatile boolean stopped;
    /** True from the time a build enters the queue until it leaves it. */
    private volatile boolean inQueue;
    /** The revision whose build has left the queue; pending until that has started and is saved. */
    private volatile @Nullable ManifestSummary starting;

    private @Nullable Wait wait;
    private WaitService.@Nullable Listening listening;
    /** Announcements since the last revision that was found, the newest {@link KnownRevisions#MAX_PENDING}; for every revision only. */
    private final Deque<ActivityMessage> heard = new ArrayDeque<>();

    private Optional<ServerSettings> server = Optional.empty();
    private @Nullable Condition condition;
    private @Nullable Future<?> retry;
    private @Nullable Future<?> due;
    private String lastProblem = "";

    RevisionWatch(Parameters parameters, Host host, Clock clock) {
        this.parameters = parameters;
        this.host = host;
        this.clock = clock;
        this.tasks = new SerialTasks();
        this.known = KnownRevisions.first(clock.instant());
    }

    Parameters parameters() {
        return parameters;
    }

    /** Begins to watch. Called once, when the builds of the job and Jenkins' queue are loaded. */
    void begin() {
        tasks.add(() -> {
            Optional<KnownRevisions> saved = host.load();
            known = saved.orElse(known);
            if (saved.isEmpty()) {
                host.save(known);
            }
            if (!known.pending().isEmpty()) {
                for (ManifestSummary built : host.built()) {
                    if (known.pending().contains(built)) {
                        update(known.handled(built, known.lastBuildAt()));
                    }
                }
                inQueue = host.isQueued();
            }
            plan();
            open();
        });
    }

    /** Uses a changed configuration. Does nothing if the change does not concern this watch, unless it must reconnect. */
    void configurationChanged(boolean reconnect) {
        tasks.add(() -> {
            if (reconnect || !isAsConfigured()) {
                open();
            }
        });
    }

    private boolean isAsConfigured() {
        Condition current = condition;
        if (current == null) {
            return false;
        }
        try {
            ConfiguredSites sites = host.sites();
            return server(sites).equals(server)
                    && parameters
                            .condition(sites, current.target(), current.deadline())
                            .equals(current);
        } catch (InvalidInputException e) {
            return false;
        }
    }

    /** Ends the watch; what is known stays saved. A build in the queue stays there. */
    void stop() {
        stopped = true;
        tasks.addAnyway(this::close);
    }

    private void close() {
        disconnect();
        cancel(retry);
        cancel(due);
        if (listening != null) {
            listening.close();
            listening = null;
        }
    }

    private void disconnect() {
        Wait open = wait;
        wait = null;
        condition = null;
        if (open != null) {
            open.cancel();
        }
    }

    private static void cancel(@Nullable Future<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /** Waits for the next revision, instead of what it waited for before. */
    private void open() {
        open(known.newest()
                .<Target>map(newest -> new Target.NewerThan(newest.revision()))
                .orElse(new Target.AtLeast(Revision.ZERO)));
    }

    private void open(Target target) {
        cancel(retry);
        disconnect();
        try {
            Instant now = clock.instant();
            ConfiguredSites sites = host.sites();
            Condition next = parameters.condition(sites, target, now.plus(LONGEST_WAIT));
            server = server(sites);
            listen();
            Wait opened = open(GateSnapshot.start(next, now));
            wait = opened;
            condition = next;
            var unused =
                    opened.result().whenComplete((report, failure) -> tasks.add(() -> ended(opened, report, failure)));
        } catch (RuntimeException e) {
            tryAgain(e);
        }
    }

    private Wait open(GateSnapshot start) {
        ProgressListener progress = line -> tasks.add(this::lookForRollback);
        try {
            return host.open(server, start, progress);
        } catch (RefusedException e) {
            // Without its token the server is of no use, but the replicas can be read.
            problem(e.getMessage());
            return host.open(Optional.empty(), start, progress);
        }
    }

    /**
     * Listens anew, before it stops to listen as it did: settings or token may have changed. If that fails for now, it goes on as it
     * did.
     */
    private void listen() {
        WaitService.Listening before = listening;
        WaitService.Listening next = null;
        if (parameters.everyRevision() && server.isPresent()) {
            try {
                next = host.listen(server.get(), this::hear);
            } catch (RefusedException e) {
                problem(e.getMessage());
            }
        }
        listening = next;
        if (before != null) {
            before.close();
        }
    }

    private void hear(ActivityMessage message) {
        ManifestSummary last = known.newest().orElse(null);
        if (last != null && message.revision().isNewerThan(last.revision())) {
            synchronized (heard) {
                heard.add(message);
                if (heard.size() > KnownRevisions.MAX_PENDING) {
                    heard.remove();
                }
            }
        }
    }

    /** After a rollback all revisions are lower than before, so that the wait would not end. */
    private void lookForRollback() {
        Wait open = wait;
        if (open == null || condition == null) {
            return;
        }
        List<ManifestSummary> rolledBack = open.report().replicas().stream()
                .filter(replica -> replica.state().error() == null)
                .flatMap(replica -> Stream.ofNullable(replica.state().served()))
                .filter(known::isRollback)
                .sorted(Comparator.comparing(ManifestSummary::revision))
                .toList();
        if (condition.target() instanceof Target.NewerThan && rolledBack.size() >= condition.needed()) {
            ManifestSummary lowest = rolledBack.get(0);
            open(new Target.RootHash(lowest.rootHash(), lowest.revision()));
        }
    }

    private Optional<ServerSettings> server(ConfiguredSites sites) {
        try {
            return sites.server(parameters.server(), parameters.repository());
        } catch (InvalidInputException e) {
            problem("polling without a notification server: " + e.getMessage());
            return Optional.empty();
        }
    }

    private void ended(Wait ended, @Nullable GateReport report, @Nullable Throwable failure) {
        if (ended != wait) {
            return;
        }
        wait = null;
        if (report == null) {
            tryAgain(failure);
        } else if (report.outcome() != GateOutcome.REACHED) {
            open();
        } else {
            try {
                trusted(report).forEach(this::found);
                open();
            } catch (RuntimeException e) {
                tryAgain(e);
            }
        }
    }

    private void tryAgain(@Nullable Throwable failure) {
        problem(failure instanceof NotifyException known ? known.getMessage() : String.valueOf(failure));
        cancel(retry);
        retry = host.after(failure instanceof TransientFailureException ? SOON : RETRY, () -> tasks.add(this::open));
    }

    /** Reports a problem once, however often it occurs in a row. */
    private void problem(String text) {
        if (!text.equals(lastProblem)) {
            lastProblem = text;
            host.problem(text);
        }
    }

    /**
     * Returns the lowest revision of the replicas that count, which all of them have, after those that were announced before it. With
     * master keys, only replicas count whose manifests are valid.
     *
     * @throws NotifyException if too few are valid
     */
    private List<ManifestSummary> trusted(GateReport report) {
        Optional<MasterKeys> keys = host.sites().keysToVerifyWith(parameters.repository(), true);
        List<ReplicaState> valid = new ArrayList<>();
        Set<ManifestSummary> verified = new HashSet<>();
        NotifyException problem = new TransientFailureException("it was rolled back, but not yet on enough replicas");
        for (GateReport.ReplicaReport replica : report.replicas()) {
            ReplicaState state = replica.state();
            ManifestSummary served = state.served();
            if (state.counts() && served != null && !known.isWithdrawn(served)) {
                try {
                    if (verified.add(served)) {
                        keys.ifPresent(pem -> host.verify(state.replica(), served, pem, null));
                    }
                    valid.add(state);
                } catch (NotifyException e) {
                    verified.remove(served);
                    problem = e;
                }
            }
        }
        ReplicaState lowest = valid.stream()
                .min(Comparator.comparing(state -> revision(state)))
                .orElse(null);
        if (lowest == null || valid.size() < report.condition().needed()) {
            throw problem;
        }
        List<ManifestSummary> found = announcedBefore(lowest, keys);
        found.add(Objects.requireNonNull(lowest.served()));
        return found;
    }

    private static Revision revision(ReplicaState state) {
        return Objects.requireNonNull(state.served()).revision();
    }

    /** Returns what was announced and is older than what the replica serves; what is not valid is left out. */
    private List<ManifestSummary> announcedBefore(ReplicaState replica, Optional<MasterKeys> keys) {
        List<ActivityMessage> announced;
        synchronized (heard) {
            announced = List.copyOf(heard);
        }
        List<ManifestSummary> found = new ArrayList<>();
        for (ActivityMessage message : announced) {
            ManifestSummary summary = ManifestSummary.of(message.manifest());
            if (revision(replica).isNewerThan(message.revision()) && !found.contains(summary)) {
                try {
                    keys.ifPresent(pem -> host.verify(replica.replica(), summary, pem, message.manifestBytes()));
                    found.add(summary);
                } catch (NotifyException e) {
                    if (e instanceof TransientFailureException && !(e instanceof NotFoundException)) {
                        throw e;
                    }
                    // A certificate that does not exist must not keep later revisions from their builds.
                    problem(e.getMessage());
                }
            }
        }
        synchronized (heard) {
            heard.removeIf(message -> !message.revision().isNewerThan(revision(replica)));
        }
        found.sort(Comparator.comparing(ManifestSummary::revision));
        return found;
    }

    private void found(ManifestSummary revision) {
        lastProblem = "";
        if (known.newest().filter(revision::equals).isPresent()) {
            return;
        }
        if (known.newest().isEmpty() && !parameters.buildExisting() && !isNew(revision)) {
            update(known.handled(revision, null));
            return;
        }
        update(known.found(revision, parameters.everyRevision(), clock.instant()));
        plan();
    }

    /** Returns true if the first revision that is found was published after this began to watch. */
    private boolean isNew(ManifestSummary revision) {
        Instant published = revision.publishedAt();
        return published != null && published.isAfter(known.since());
    }

    private void update(KnownRevisions changed) {
        known = changed;
        host.save(changed);
    }

    /** Sets the timer for the next build. */
    private void plan() {
        cancel(due);
        if (known.pending().isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        // A build that has left the queue counts at once: another one waits for its turn after it.
        Instant built = starting == null ? known.lastBuildAt() : now;
        Instant found = known.pendingSince();
        Instant spaced = built == null ? now : built.plus(parameters.spacing());
        Instant quiet = found == null ? now : found.plus(parameters.quietPeriod());
        Instant at = spaced.isAfter(quiet) ? spaced : quiet;
        Duration delay = Duration.between(now, at);
        // A clock that was set back must not delay builds for long.
        Duration longest = parameters.spacing().plus(parameters.quietPeriod());
        Duration pause = delay.isNegative() ? Duration.ZERO : delay.compareTo(longest) > 0 ? longest : delay;
        due = host.after(pause, () -> tasks.add(this::build));
    }

    private void build() {
        Optional<ManifestSummary> next = nextToBuild();
        if (inQueue || next.isEmpty() || next.get().equals(starting)) {
            return;
        }
        inQueue = true;
        if (!host.schedule(next.get())) {
            inQueue = false;
            due = host.after(RETRY, () -> tasks.add(this::build));
        }
    }

    private Optional<ManifestSummary> nextToBuild() {
        List<ManifestSummary> pending = known.pending();
        return pending.isEmpty()
                ? Optional.empty()
                : Optional.of(pending.get(parameters.everyRevision() ? 0 : pending.size() - 1));
    }

    /**
     * Called when a build for this revision leaves the queue in order to start.
     *
     * @return the revision that it must build instead; empty for that one
     */
    Optional<ManifestSummary> leavesQueue(ManifestSummary queued) {
        Optional<ManifestSummary> newer =
                parameters.everyRevision() ? Optional.empty() : nextToBuild().filter(next -> !next.equals(queued));
        starting = newer.orElse(queued);
        inQueue = false;
        return newer;
    }

    /** Called when a build for this revision has started and is saved, perhaps more than once. */
    void started(ManifestSummary revision) {
        tasks.add(() -> {
            if (!revision.equals(starting) && !known.pending().contains(revision)) {
                return;
            }
            update(known.handled(revision, clock.instant()));
            if (revision.equals(starting)) {
                starting = null;
            }
            plan();
        });
    }

    /**
     * Called when a build for this revision is removed from the queue.
     *
     * @param byUser true if a user did it: then it is not put there again
     */
    void removed(ManifestSummary queued, boolean byUser) {
        tasks.add(() -> {
            inQueue = false;
            if (byUser) {
                ManifestSummary unwanted =
                        parameters.everyRevision() ? queued : nextToBuild().orElse(queued);
                update(known.handled(unwanted, null));
            }
            plan();
        });
    }

    /** Runs the tasks of this watch one at a time, in order. None runs after the end of the watch. */
    private final class SerialTasks {

        private final List<Runnable> waiting = new ArrayList<>();
        private boolean running;

        void add(Runnable task) {
            addAnyway(() -> {
                if (!stopped) {
                    task.run();
                }
            });
        }

        void addAnyway(Runnable task) {
            synchronized (this) {
                waiting.add(task);
                if (running) {
                    return;
                }
                running = true;
            }
            try {
                host.execute(this::runAll);
            } catch (RejectedExecutionException e) {
                // Jenkins shuts down, or the next task tries again.
                synchronized (this) {
                    running = false;
                }
            }
        }

        private void runAll() {
            for (Runnable task = next(); task != null; task = next()) {
                try {
                    task.run();
                } catch (RuntimeException | Error e) {
                    problem("unexpected error: " + e);
                }
            }
        }

        private synchronized @Nullable Runnable next() {
            running = !waiting.isEmpty();
            return running ? waiting.remove(0) : null;
        }
    }
}
