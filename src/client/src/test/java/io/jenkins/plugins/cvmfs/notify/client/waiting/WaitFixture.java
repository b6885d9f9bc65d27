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

/** A service, replicas and a server in memory. */
abstract class WaitFixture {

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
    final List<WaitService> services = new ArrayList<>();

    @AfterEach
    void closeEverything() {
        services.forEach(WaitService::close);
        server.close();
    }

    Wait start(WaitService service, String... locations) {
        return service.start(forRevision7("all", locations), FakeServer.SETTINGS, ProgressListener.NONE);
    }

    WaitService service(PollSchedule pacing) {
        return service(pacing, Duration.ofSeconds(30));
    }

    WaitService service(PollSchedule pacing, Duration linger) {
        return service(pacing, linger, new Random(1));
    }

    WaitService service(PollSchedule pacing, Duration linger, RandomGenerator random) {
        WaitSettings settings = new WaitSettings(pacing, 100_000, 4, 32, linger);
        WaitService service = new WaitService(replicas, server, settings, Clock.systemUTC(), random);
        services.add(service);
        return service;
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
