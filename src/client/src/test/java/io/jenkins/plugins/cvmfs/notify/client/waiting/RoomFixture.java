package io.jenkins.plugins.cvmfs.notify.client.waiting;

import static io.jenkins.plugins.cvmfs.notify.client.waiting.FakeReplicas.REPOSITORY;

import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.PollSchedule;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;

/** A room, replicas and a server in memory. */
abstract class RoomFixture {

    /** So slow that within a test nothing is read again unless something happens. */
    static final PollSchedule PATIENT = new PollSchedule(
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofHours(1),
            Duration.ofNanos(1),
            Duration.ofNanos(1),
            Duration.ofHours(1),
            Duration.ofSeconds(30),
            Duration.ofMillis(1));

    static final PollSchedule QUICK = new PollSchedule(
            Duration.ofMillis(20),
            Duration.ofMillis(20),
            Duration.ofMillis(5),
            Duration.ofMillis(1),
            Duration.ofMillis(1),
            Duration.ofMillis(20),
            Duration.ofSeconds(30),
            Duration.ofMillis(1));

    static final String A = "http://a.example.org/cvmfs/sw.example.org";
    static final String B = "http://b.example.org/cvmfs/sw.example.org";

    final FakeReplicas replicas = new FakeReplicas();
    final FakeServer server = new FakeServer();
    final List<WaitService> rooms = new ArrayList<>();

    @AfterEach
    void closeEverything() {
        rooms.forEach(WaitService::close);
        server.close();
    }

    Wait enter(WaitService room, String... locations) {
        return room.enter(forRevision7("all", locations), FakeServer.SETTINGS, ProgressListener.NONE);
    }

    WaitService room(PollSchedule pacing) {
        return room(pacing, Duration.ofSeconds(30));
    }

    WaitService room(PollSchedule pacing, Duration linger) {
        return room(pacing, linger, new Random(1));
    }

    WaitService room(PollSchedule pacing, Duration linger, RandomGenerator random) {
        WaitSettings settings = new WaitSettings(pacing, 100_000, 4, 32, linger);
        WaitService room = WaitService.open(replicas, server, settings, Clock.systemUTC(), random);
        rooms.add(room);
        return room;
    }

    static Condition forRevision7(String require, String... locations) {
        return condition(Duration.ofHours(10), require, locations);
    }

    static Condition condition(Duration timeout, String require, String... locations) {
        List<Replica> named = IntStream.range(0, locations.length)
                .mapToObj(i -> new Replica("site-" + i, locations[i]))
                .toList();
        return new Condition(
                REPOSITORY,
                new Target.AtLeast(new Revision(7)),
                named,
                new Requirement(require),
                StalePolicy.WAIT,
                Clock.systemUTC().instant().plus(timeout),
                null);
    }
}
