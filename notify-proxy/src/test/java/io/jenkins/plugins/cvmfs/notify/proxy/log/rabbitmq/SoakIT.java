package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import io.jenkins.plugins.cvmfs.notify.proxy.LeakGuard;
import io.jenkins.plugins.cvmfs.notify.proxy.abuse.Effort;
import io.jenkins.plugins.cvmfs.notify.proxy.abuse.Footprint;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything at once for a while, which is 10 minutes in the long form and seconds in the short one: many publish, subscribers come
 * and go, the broker crashes now and then.
 */
@NeedsRabbitMq(owned = true)
@ExtendWith(LeakGuard.class)
class SoakIT {

    private static final Duration LENGTH = Duration.ofSeconds(Effort.choose(4, 600));
    private static final int SUBSCRIBERS = Effort.choose(150, 2_000);
    private static final int OUTAGES = Effort.choose(1, 4);

    /** A stream takes its time to recover after a crash. */
    private static final Mode MODE = Effort.isLong() ? Mode.STREAM : Mode.QUEUE;

    private static final int PAUSE_MILLIS = 100;
    private static final List<String> REPOSITORIES =
            IntStream.range(0, 10).mapToObj("r%d.example.org"::formatted).toList();

    private final OwnedBroker broker;

    @TempDir
    Path stateDir;

    SoakIT(OwnedBroker broker) {
        this.broker = broker;
    }

    @AfterEach
    void startBroker() {
        broker.start();
    }

    @Test
    void atTheEndEverySubscriberHasTheLastRevisionsAndNothingIsLeftOver() {
        warmUp();
        Footprint before = Footprint.now();
        try (ProxyUnderTest proxy = ProxyUnderTest.ready(MODE.on(broker), stateDir)) {
            SoakSubscribers subscribers = new SoakSubscribers(proxy, REPOSITORIES, new Random(1));
            subscribers.add(SUBSCRIBERS);
            UnderLoad load = new UnderLoad();
            try (load) {
                REPOSITORIES.forEach(repository ->
                        load.publish(repository, revision -> publishSometime(proxy, repository, revision)));
                load.awaitSuccesses(10);
                for (int outage = 0; outage < OUTAGES; outage++) {
                    comeAndGo(subscribers, LENGTH.dividedBy(OUTAGES));
                    broker.kill();
                    broker.start();
                }
                load.awaitSuccesses(100);
            }

            proxy.awaitReady();
            subscribers.awaitHearing(load.accepted());
            report("%s; of %s".formatted(subscribers.summary(), load.accepted()));
            subscribers.removeAll();
        }
        before.awaitDescriptorsClosed();
        report("before %s, after %s".formatted(before, Footprint.now()));
    }

    /** Loads classes and starts the clients' threads, which stay. */
    private void warmUp() {
        AmqpSettings other = MODE.on(broker);
        try (ProxyUnderTest proxy = ProxyUnderTest.ready(other, stateDir.resolve("warm-up"))) {
            SoakSubscribers few = new SoakSubscribers(proxy, REPOSITORIES.subList(0, 3), new Random(2));
            few.add(10);
            proxy.publish(REPOSITORIES.get(0), 1);
            few.removeAll();
        }
    }

    private static boolean publishSometime(ProxyUnderTest proxy, String repository, int revision) {
        LockSupport.parkNanos(
                TimeUnit.MILLISECONDS.toNanos(ThreadLocalRandom.current().nextInt(2 * PAUSE_MILLIS)));
        return proxy.publish(repository, revision) == 200;
    }

    private static void comeAndGo(SoakSubscribers subscribers, Duration length) {
        long end = System.nanoTime() + length.toNanos();
        while (System.nanoTime() < end) {
            subscribers.replaceOne();
            LockSupport.parkNanos(
                    TimeUnit.MILLISECONDS.toNanos(ThreadLocalRandom.current().nextInt(40)));
        }
    }

    private static void report(String line) {
        if (Effort.isLong()) {
            System.err.println("soak: " + line);
        }
    }
}
