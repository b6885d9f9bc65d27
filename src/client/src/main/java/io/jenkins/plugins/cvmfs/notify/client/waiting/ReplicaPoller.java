package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks the replicas politely: few questions at a time, the hosts taking turns, and one question once for all who ask it. The
 * answer always belongs to a question that was sent after it was asked for: while one is under way, all who ask the same share
 * the next. Whoever follows a replica is told before its manifest is read, and may ask too: so the gates with one replica read it
 * as often as one of them would.
 *
 * <p>Used on one thread, where the answers come too; the counts can be read on any. No more questions can wait than there are
 * gates and replicas, because each gate asks one question a replica at a time.
 */
final class ReplicaPoller {

    /** Who wants to know. */
    interface Asker {

        /** Whether it still wants to. */
        boolean isInterested();

        void answered(ReplicaFinding finding);
    }

    /** Who reads a replica now and then. */
    interface Follower {

        /** The manifest there is about to be read. A question that is asked before this returns shares that read. */
        void readBegins(RepositoryLocation location);
    }

    /** One host: the questions that wait for it, in order, each with those who ask it. */
    private static final class Lane {
        private final String host;
        private final Map<Question, List<Asker>> waiting = new LinkedHashMap<>();
        private int underWay;
        private boolean isReady;

        Lane(String host) {
            this.host = host;
        }
    }

    private final Function<Question, CompletableFuture<ReplicaFinding>> desk;
    private final Executor thread;
    private final int perHost;
    private final int inAll;
    private final Map<String, Lane> lanes = new HashMap<>();
    private final Queue<Lane> ready = new ArrayDeque<>();
    private final Map<Question, CompletableFuture<ReplicaFinding>> underWay = new HashMap<>();
    private final Map<RepositoryLocation, Set<Follower>> followers = new HashMap<>();
    /** While several ask, nothing is sent, so that they share. */
    private boolean gathering;

    private final AtomicInteger underWayCount = new AtomicInteger();
    private final AtomicInteger queuedCount = new AtomicInteger();
    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong shared = new AtomicLong();

    /** @param desk gives futures that do not fail */
    ReplicaPoller(Function<Question, CompletableFuture<ReplicaFinding>> desk, WaitSettings settings, Executor thread) {
        this.desk = desk;
        this.thread = thread;
        this.perHost = settings.readsPerHost();
        this.inAll = settings.reads();
    }

    void ask(Question question, Asker asker) {
        Lane lane = lanes.computeIfAbsent(question.host(), Lane::new);
        List<Asker> askers = lane.waiting.get(question);
        if (askers == null) {
            lane.waiting.put(question, new ArrayList<>(List.of(asker)));
            queuedCount.incrementAndGet();
        } else {
            askers.add(asker);
            shared.incrementAndGet();
        }
        line(lane);
        send();
    }

    void follow(RepositoryLocation location, Follower follower) {
        followers.computeIfAbsent(location, none -> new LinkedHashSet<>()).add(follower);
    }

    void unfollow(RepositoryLocation location, Follower follower) {
        Set<Follower> rest = followers.get(location);
        if (rest != null && rest.remove(follower) && rest.isEmpty()) {
            followers.remove(location);
        }
    }

    /** Ends what is under way; nobody is told. */
    void close() {
        lanes.clear();
        ready.clear();
        List.copyOf(underWay.values()).forEach(read -> read.cancel(true));
    }

    int underWay() {
        return underWayCount.get();
    }

    int queued() {
        return queuedCount.get();
    }

    long reads() {
        return reads.get();
    }

    long shared() {
        return shared.get();
    }

    private void line(Lane lane) {
        if (!lane.isReady && lane.underWay < perHost && !lane.waiting.isEmpty()) {
            lane.isReady = true;
            ready.add(lane);
        }
    }

    private void send() {
        while (!gathering && underWay.size() < inAll && !ready.isEmpty()) {
            Lane lane = ready.remove();
            lane.isReady = false;
            if (sendOne(lane)) {
                line(lane);
            }
        }
    }

    /** False if nothing more can be sent to this host now; the answer to what is under way there brings it back in line. */
    private boolean sendOne(Lane lane) {
        if (lane.underWay >= perHost) {
            return false;
        }
        Map.Entry<Question, List<Asker>> next = lane.waiting.entrySet().stream()
                .filter(waiting -> !underWay.containsKey(waiting.getKey()))
                .findFirst()
                .orElse(null);
        if (next == null) {
            return false;
        }
        Question question = next.getKey();
        List<Asker> askers = next.getValue();
        boolean isWanted = askers.stream().anyMatch(Asker::isInterested);
        if (isWanted && question instanceof Question.Manifest manifest) {
            invite(manifest.location());
        }
        lane.waiting.remove(question);
        queuedCount.decrementAndGet();
        if (isWanted) {
            send(lane, question, askers);
        }
        return true;
    }

    private void invite(RepositoryLocation location) {
        List<Follower> all = List.copyOf(followers.getOrDefault(location, Set.of()));
        gather(() -> all.forEach(follower -> follower.readBegins(location)));
    }

    private void gather(Runnable asking) {
        gathering = true;
        try {
            asking.run();
        } finally {
            gathering = false;
        }
    }

    private void send(Lane lane, Question question, List<Asker> askers) {
        lane.underWay++;
        reads.incrementAndGet();
        CompletableFuture<ReplicaFinding> answer = desk.apply(question);
        underWay.put(question, answer);
        underWayCount.incrementAndGet();
        var unused = answer.whenComplete(
                (finding, thrown) -> thread.execute(() -> answered(lane, question, askers, finding)));
    }

    private void answered(Lane lane, Question question, List<Asker> askers, @Nullable ReplicaFinding finding) {
        lane.underWay--;
        underWay.remove(question);
        underWayCount.decrementAndGet();
        line(lane);
        if (lane.underWay == 0 && lane.waiting.isEmpty()) {
            lanes.remove(lane.host, lane);
        }
        ReplicaFinding told = finding == null ? new ReplicaFinding.Problem("the read was cancelled") : finding;
        gather(() -> askers.stream().filter(Asker::isInterested).forEach(asker -> asker.answered(told)));
        send();
    }
}
