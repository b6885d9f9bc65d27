package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.CheckRootCatalog;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.Question;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.ReadManifest;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.ReadSnapshotTime;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.Answer;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.Failed;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.ManifestRead;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.RootCatalogChecked;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent.SnapshotTimeRead;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation.Elsewhere;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation.Mount;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation.MountPoint;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the replicas for all gates: few reads at a time, the hosts taking turns, and equal reads once for all gates that ask. An
 * answer always comes from a read that was sent after it was asked for: gates that ask while a read is under way share the next.
 * Before a manifest is read, all gates that follow the replica are told and may ask too, so that together they read it as often
 * as one of them would. The last manifest of a followed replica is kept, so that the next read costs only headers.
 *
 * <p>Runs on one thread, where the answers come too; {@link #count} can be called on any. The queue is bounded by the number of
 * gates and replicas, because a gate has at most one question per replica outstanding.
 */
final class ReplicaPoller {

    /** A location to read, and the repository it must belong to. */
    record Read(RepositoryLocation location, RepositoryName repository, Question question) {

        /** Returns what must not be asked too much at a time: a host, a mount, or the file system. */
        private String host() {
            return location instanceof Mount mount
                    ? mount.root().toString()
                    : isElsewhere() ? location.toString() : location.host();
        }

        /** Returns true if other machines do the work, so that any number may be under way. */
        private boolean isElsewhere() {
            return location instanceof Elsewhere;
        }
    }

    /** One gate that waits for an answer. */
    record Asker(BooleanSupplier isInterested, Consumer<Answer> answered) {}

    /** A gate that reads a replica again and again. */
    interface Follower {

        /** The manifest is about to be read. A question that is asked before this returns shares that read. */
        void readBegins(RepositoryLocation location);
    }

    private static final class Followed {
        private final Set<Follower> followers = new LinkedHashSet<>();
        private @Nullable FetchedManifest last;
    }

    private static final class Host {
        private final String name;
        private final Map<Read, List<Asker>> waiting = new LinkedHashMap<>();
        private final Map<Read, CompletableFuture<?>> underWay = new HashMap<>();
        private boolean isReady;

        Host(String name) {
            this.name = name;
        }
    }

    private final RepositoryReader reader;
    private final Executor thread;
    private final WaitSettings limits;
    private final Map<RepositoryLocation, Followed> followed = new HashMap<>();
    private final Map<String, Host> hosts = new HashMap<>();
    private final Queue<Host> ready = new ArrayDeque<>();
    /** While several gates ask, nothing is sent, so that they share. */
    private boolean gathering;

    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger queued = new AtomicInteger();
    private final AtomicLong total = new AtomicLong();
    private final AtomicLong shared = new AtomicLong();

    ReplicaPoller(RepositoryReader reader, WaitSettings limits, Executor thread) {
        this.reader = reader;
        this.limits = limits;
        this.thread = thread;
    }

    /** @throws io.jenkins.plugins.cvmfs.notify.client.InvalidInputException if the location is malformed */
    RepositoryLocation location(Replica replica) {
        return reader.location(replica.location());
    }

    void ask(Read read, Asker asker) {
        Host host = hosts.computeIfAbsent(read.host(), Host::new);
        List<Asker> askers = host.waiting.get(read);
        if (askers == null) {
            host.waiting.put(read, new ArrayList<>(List.of(asker)));
            queued.incrementAndGet();
        } else {
            askers.add(asker);
            shared.incrementAndGet();
        }
        enqueue(host);
        send();
    }

    void follow(RepositoryLocation location, Follower follower) {
        followed.computeIfAbsent(location, none -> new Followed()).followers.add(follower);
    }

    void unfollow(RepositoryLocation location, Follower follower) {
        Followed replica = followed.get(location);
        if (replica != null && replica.followers.remove(follower) && replica.followers.isEmpty()) {
            followed.remove(location);
        }
    }

    /** Cancels the reads that are under way; no gate gets an answer. */
    void close() {
        List<CompletableFuture<?>> reads = hosts.values().stream()
                .flatMap(host -> host.underWay.values().stream())
                .toList();
        hosts.clear();
        ready.clear();
        reads.forEach(read -> read.cancel(true));
    }

    /** Returns the load of a service with these gates and servers. */
    WaitService.Counts count(int gates, int servers) {
        return new WaitService.Counts(gates, servers, underWay.get(), queued.get(), total.get(), shared.get());
    }

    private void enqueue(Host host) {
        if (!host.isReady && host.underWay.size() < limits.maxReadsPerHost() && !host.waiting.isEmpty()) {
            host.isReady = true;
            ready.add(host);
        }
    }

    private void send() {
        while (!gathering && underWay.get() < limits.maxReads() && !ready.isEmpty()) {
            Host host = ready.remove();
            host.isReady = false;
            if (sendOne(host)) {
                enqueue(host);
            }
        }
    }

    /** Returns false if nothing can be sent to this host before an answer from there, which then enqueues it again. */
    private boolean sendOne(Host host) {
        Read read = host.waiting.keySet().stream()
                .filter(waiting -> !host.underWay.containsKey(waiting))
                .findFirst()
                .orElse(null);
        if (read == null || host.underWay.size() >= limits.maxReadsPerHost()) {
            return false;
        }
        List<Asker> askers = host.waiting.getOrDefault(read, List.of());
        boolean isWanted = askers.stream().anyMatch(asker -> asker.isInterested.getAsBoolean());
        Followed replica = followed.get(read.location());
        if (isWanted && read.question() instanceof ReadManifest && replica != null) {
            List<Follower> all = List.copyOf(replica.followers);
            gather(() -> all.forEach(follower -> follower.readBegins(read.location())));
        }
        host.waiting.remove(read);
        queued.decrementAndGet();
        if (isWanted) {
            underWay.addAndGet(read.isElsewhere() ? 0 : 1);
            total.incrementAndGet();
            send(host, read, askers);
        }
        return true;
    }

    private void send(Host host, Read read, List<Asker> askers) {
        RepositoryLocation location = read.location();
        if (read.question() instanceof CheckRootCatalog catalog) {
            await(
                    host,
                    read,
                    askers,
                    () -> isComplete(location, catalog),
                    present -> new RootCatalogChecked(present, present ? null : missing(location)));
        } else if (read.question() instanceof ReadSnapshotTime) {
            await(host, read, askers, () -> reader.lastSnapshot(location), at -> new SnapshotTimeRead(at.orElse(null)));
        } else if (location instanceof MountPoint mount) {
            await(host, read, askers, () -> reader.mounted(mount), served -> mountAnswer(read, served));
        } else {
            Followed replica = followed.get(location);
            await(
                    host,
                    read,
                    askers,
                    () -> reader.manifest(location, replica == null ? null : replica.last),
                    fetched -> manifestAnswer(read, fetched));
        }
    }

    private CompletableFuture<Boolean> isComplete(RepositoryLocation location, CheckRootCatalog catalog) {
        return location instanceof MountPoint mount
                ? reader.pathPresent(mount)
                : reader.objectPresent(location, Objects.requireNonNull(catalog.hash()), ObjectKind.CATALOG);
    }

    /** Returns what is missing if it is not the root catalog. */
    private static @Nullable String missing(RepositoryLocation location) {
        return location instanceof MountPoint mount && mount.requiredPath() != null
                ? mount.requiredPath() + " does not exist there"
                : null;
    }

    private static Answer mountAnswer(Read read, RepositoryReader.MountedRevision served) {
        return answer(
                read,
                served.repository(),
                new ManifestRead(new ManifestSummary(served.revision(), served.rootHash(), null), null));
    }

    private Answer manifestAnswer(Read read, FetchedManifest fetched) {
        Followed replica = followed.get(read.location());
        if (replica != null) {
            replica.last = fetched;
        }
        return answer(
                read,
                fetched.manifest().repository(),
                new ManifestRead(
                        ManifestSummary.of(fetched.manifest()), fetched.note().orElse(null)));
    }

    private static Answer answer(Read read, @Nullable RepositoryName found, Answer expected) {
        return found == null || found.equals(read.repository())
                ? expected
                : new Failed("the %s there is of repository '%s'"
                        .formatted(read.location() instanceof MountPoint ? "mount" : "manifest", found));
    }

    private <T> void await(
            Host host,
            Read read,
            List<Asker> askers,
            Supplier<CompletableFuture<T>> sending,
            Function<T, Answer> meaning) {
        CompletableFuture<T> result;
        try {
            result = sending.get();
        } catch (RuntimeException | Error e) {
            result = CompletableFuture.failedFuture(e);
        }
        host.underWay.put(read, result);
        var unused = result.whenComplete((value, thrown) -> thread.execute(() -> {
            host.underWay.remove(read);
            underWay.addAndGet(read.isElsewhere() ? 0 : -1);
            enqueue(host);
            if (host.underWay.isEmpty() && host.waiting.isEmpty()) {
                hosts.remove(host.name, host);
            }
            Answer answer = thrown == null ? meaning.apply(value) : new Failed(NotifyException.reason(thrown));
            gather(() -> askers.stream()
                    .filter(asker -> asker.isInterested.getAsBoolean())
                    .forEach(asker -> asker.answered.accept(answer)));
            send();
        }));
    }

    private void gather(Runnable asking) {
        gathering = true;
        try {
            asking.run();
        } finally {
            gathering = false;
        }
    }
}
