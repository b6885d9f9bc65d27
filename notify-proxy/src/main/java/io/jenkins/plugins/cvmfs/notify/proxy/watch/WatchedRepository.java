package io.jenkins.plugins.cvmfs.notify.proxy.watch;

import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.FetchedManifest;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaStatus.Propagation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The announcements of one repository that a replica may lack, and its replicas. Thread-safe: every method takes the lock of this object,
 * and nothing waits in it.
 */
final class WatchedRepository {

    /** Of more, the oldest and the newest are kept; those between are not measured. */
    private static final int MOST_EXPECTED = 16;

    private static final int MOST_TIMES = 100;

    /** A read may wait so long for its turn, or for this part of the time that it shows. */
    private static final Duration PUNCTUAL = Duration.ofSeconds(2);

    private static final int PART_OF_TIME = 5;

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(10);

    /** The part of the time since an announcement, or a failure, after which a replica is read again. */
    private static final int PART_OF_LAG = 5;

    /** The part of the interval over which the first reads are spread. */
    private static final int SPREAD = 20;

    /**
     * An announced revision.
     *
     * @param number counts them
     * @param arrivedAt when this proxy heard of it
     * @param isRollback whether a higher revision may be older
     */
    private record Expected(
            long number, Manifest manifest, Instant announcedAt, Instant arrivedAt, boolean isRollback) {

        boolean isMetBy(Manifest served) {
            return ReplicaStatus.isReached(served, manifest, announcedAt, isRollback);
        }
    }

    private final RepositoryName name;
    private final List<Expected> expected = new ArrayList<>();
    private final Map<RepositoryLocation, Place> places = new LinkedHashMap<>();
    private @Nullable Expected newest;
    private @Nullable Revision highest;

    WatchedRepository(RepositoryName name) {
        this.name = name;
    }

    /** One replica. Its state is guarded by the lock of the repository; timer and reads belong to the thread of the board. */
    static final class Place {

        private final WatchedRepository repository;
        private final String replica;
        private final RepositoryLocation location;
        private final Instant since;
        private final PropagationTimes times = new PropagationTimes(MOST_TIMES);
        private @Nullable FetchedManifest last;
        private @Nullable Instant firstSeen;
        private @Nullable Instant readAt;
        private @Nullable Instant triedAt;
        private @Nullable String error;
        private @Nullable Instant errorSince;
        /** The number of the newest announcement that it has. */
        private long served;
        /** The number of the newest announcement that it was seen without. */
        private long lacked;

        /** @param since from when on the configuration has it */
        Place(WatchedRepository repository, String replica, RepositoryLocation location, Instant since) {
            this.repository = repository;
            this.replica = replica;
            this.location = location;
            this.since = since;
        }

        RepositoryName repository() {
            return repository.name;
        }

        String replica() {
            return replica;
        }

        RepositoryLocation location() {
            return location;
        }

        /** Returns what was read last, to ask for changes only; null if nothing was. */
        @Nullable
        FetchedManifest last() {
            synchronized (repository) {
                return last;
            }
        }

        /**
         * Takes a manifest; returns the propagation times that this shows.
         *
         * @param lateBy how long the read had to wait for its turn: a time that this has made much longer is not counted
         */
        List<Propagation> read(FetchedManifest fetched, Duration lateBy, Instant now) {
            Manifest manifest = fetched.manifest();
            RepositoryName found = manifest.repository();
            if (found != null && !found.equals(repository.name)) {
                failed("the manifest there is of repository " + found, now);
                return List.of();
            }
            synchronized (repository) {
                if (last == null || !last.manifest().equals(manifest)) {
                    firstSeen = now;
                }
                last = fetched;
                List<Propagation> measured = repository.match(this, manifest, now).stream()
                        .filter(it -> isPunctual(lateBy, it.time()))
                        .toList();
                measured.forEach(times::add);
                readAt = now;
                triedAt = now;
                error = null;
                errorSince = null;
                return measured;
            }
        }

        private static boolean isPunctual(Duration lateBy, Duration time) {
            return lateBy.compareTo(PUNCTUAL) <= 0
                    || lateBy.multipliedBy(PART_OF_TIME).compareTo(time) <= 0;
        }

        void failed(String problem, Instant now) {
            synchronized (repository) {
                triedAt = now;
                error = problem;
                errorSince = errorSince == null ? now : errorSince;
            }
        }

        /**
         * Returns when it is to be read next.
         *
         * @param interval between two reads of a replica that lacks nothing
         */
        Instant nextRead(Instant now, Duration interval, RandomGenerator random) {
            synchronized (repository) {
                if (triedAt == null && !isExpectedToServeMore()) {
                    return now.plusMillis(random.nextLong(interval.toMillis() / SPREAD + 1));
                }
                Instant last = triedAt == null ? now : triedAt;
                Optional<Instant> lacks = repository.oldestLackedBy(this).map(Expected::arrivedAt);
                Duration pause = lacks.map(since -> part(since, now, FIRST_PAUSE, interval))
                        .orElseGet(() -> errorSince == null ? interval : part(errorSince, now, FIRST_RETRY, interval));
                // A tenth less or more, so that many replicas are not read at the same moment.
                long tenth = pause.toMillis() / 10;
                return lacks.filter(last::isBefore)
                        .orElse(last)
                        .plus(pause)
                        .plusMillis(random.nextLong(-tenth, tenth + 1));
            }
        }

        private static Duration part(Instant since, Instant now, Duration least, Duration most) {
            Duration part = Duration.between(since, now).dividedBy(PART_OF_LAG);
            Duration longEnough = part.compareTo(least) < 0 ? least : part;
            return longEnough.compareTo(most) > 0 ? most : longEnough;
        }

        /** Returns true if it lacks an announcement; before it was first read, one that came while it was watched. */
        boolean isExpectedToServeMore() {
            synchronized (repository) {
                return repository
                        .oldestLackedBy(this)
                        .filter(lacking ->
                                last != null || !lacking.announcedAt().isBefore(since))
                        .isPresent();
            }
        }

        List<Propagation> times() {
            return times.newestFirst();
        }

        ReplicaStatus status() {
            synchronized (repository) {
                Instant tried = triedAt;
                Instant laggingSince = tried != null && isExpectedToServeMore()
                        ? repository
                                .oldestLackedBy(this)
                                .filter(lacking -> !tried.isBefore(lacking.arrivedAt()))
                                .map(Expected::announcedAt)
                                .orElse(null)
                        : null;
                return new ReplicaStatus(
                        replica,
                        location,
                        last == null ? null : last.manifest(),
                        firstSeen,
                        readAt,
                        laggingSince,
                        error,
                        errorSince,
                        times.percentiles());
            }
        }
    }

    /** Notes an announcement. One that repeats the newest changes nothing. */
    synchronized void announced(Announcement announcement, Instant now) {
        Manifest manifest = announcement.message().manifest();
        Revision revision = manifest.revision();
        if (newest != null
                && newest.manifest().revision().equals(revision)
                && newest.manifest().rootCatalog().equals(manifest.rootCatalog())) {
            return;
        }
        boolean isHighest = highest == null || revision.isNewerThan(highest);
        newest = new Expected(
                newest == null ? 1 : newest.number() + 1, manifest, announcement.announcedAt(), now, !isHighest);
        highest = isHighest ? revision : highest;
        expected.add(newest);
        if (expected.size() > MOST_EXPECTED) {
            expected.remove(1);
        }
    }

    /** Returns its replicas in the order in which they were added. */
    synchronized List<Place> places() {
        return List.copyOf(places.values());
    }

    synchronized void add(Place place) {
        places.put(place.location, place);
    }

    synchronized void remove(Place place) {
        places.remove(place.location, place);
    }

    private Optional<Expected> oldestLackedBy(Place place) {
        return expected.stream().filter(it -> it.number() > place.served).findFirst();
    }

    /** Notes which announcements the replica has now, and measures those that it was seen, or could have been seen, without. */
    private List<Propagation> match(Place place, Manifest manifest, Instant now) {
        List<Expected> lacking =
                expected.stream().filter(it -> it.number() > place.served).toList();
        long reached = lacking.stream()
                .filter(it -> it.isMetBy(manifest))
                .mapToLong(Expected::number)
                .max()
                .orElse(place.served);
        List<Propagation> measured = lacking.stream()
                .filter(it -> it.number() <= reached && it.isMetBy(manifest))
                .filter(it -> it.number() <= place.lacked || !it.announcedAt().isBefore(place.since))
                .map(it -> propagation(place, it, now))
                .toList();
        place.served = reached;
        place.lacked = newest == null ? 0 : newest.number();
        // The newest stays, for a replica that is added later.
        expected.removeIf(
                it -> !it.equals(newest) && places.values().stream().allMatch(other -> other.served >= it.number()));
        return measured;
    }

    private static Propagation propagation(Place place, Expected it, Instant now) {
        Duration time = Duration.between(it.announcedAt(), now);
        Duration positive = time.isNegative() ? Duration.ZERO : time;
        Duration unseen = place.triedAt == null ? positive : Duration.between(place.triedAt, now);
        return new Propagation(it.manifest().revision(), positive, unseen.compareTo(positive) < 0 ? unseen : positive);
    }
}
