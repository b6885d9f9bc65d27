package io.jenkins.plugins.cvmfs.notify.proxy.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Attempt;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Outcome;
import io.jenkins.plugins.cvmfs.notify.proxy.history.ProxyFleet.Running;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that announce one revision after the other, each time through another proxy. What failed is sent again, or given up for the
 * next; now and then a repository is rolled back.
 */
final class Announcers implements AutoCloseable {

    /** As long as a publisher of the library gives one attempt, and longer than most faults. */
    private static final Duration PATIENCE = Duration.ofSeconds(4);

    private static final int LONGEST_PAUSE_MILLIS = 40;
    private static final double ROLLBACKS = 0.03;

    /** Added to the serial number to get the revision, but for rollbacks, whose revision is their serial number. */
    private static final long ORDINARY = 1_000_000;

    private static final Instant BEGINNING = Instant.parse("2026-11-03T04:05:06Z");

    private final HttpClient http;
    private final ProxyFleet fleet;
    private final History history;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    Announcers(HttpClient http, ProxyFleet fleet, History history) {
        this.http = http;
        this.fleet = fleet;
        this.history = history;
    }

    /** Returns which announcement of its repository a message is. */
    static long serialOf(ActivityMessage message) {
        long revision = message.revision().bits();
        return revision < ORDINARY ? revision : revision - ORDINARY;
    }

    /** Adds one that goes on until this is closed. */
    void add(String repository, long seed) {
        Thread thread = new Thread(() -> announce(repository, new Random(seed)), "announcer of " + repository);
        threads.add(thread);
        thread.start();
    }

    private void announce(String repository, Random random) {
        long serial = 0;
        long revision = 0;
        Outcome last = Outcome.ACCEPTED;
        while (!stopped) {
            if (last == Outcome.ACCEPTED || random.nextBoolean()) {
                serial = history.nextSerial(repository);
                revision = random.nextDouble() < ROLLBACKS ? serial : ORDINARY + serial;
            }
            last = publish(fleet.any(random), repository, serial, revision);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(LONGEST_PAUSE_MILLIS)));
        }
    }

    /** Announces the next revision once. */
    Outcome publishNext(Running proxy, String repository) {
        long serial = history.nextSerial(repository);
        return publish(proxy, repository, serial, ORDINARY + serial);
    }

    private Outcome publish(Running proxy, String repository, long serial, long revision) {
        HttpRequest request = HttpRequest.newBuilder(proxy.uri().resolve("/api/v1/publish"))
                .timeout(PATIENCE)
                .POST(BodyPublishers.ofByteArray(message(repository, serial, revision)))
                .build();
        long start = history.now();
        Outcome outcome = send(request);
        history.add(new Attempt(repository, serial, proxy.life(), start, history.now(), outcome));
        return outcome;
    }

    private Outcome send(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.discarding()).statusCode() == 200
                    ? Outcome.ACCEPTED
                    : Outcome.REFUSED;
        } catch (IOException e) {
            return Outcome.UNANSWERED;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] message(String repository, long serial, long revision) {
        String manifest = """
            C0123456789abcdef0123456789abcdef%08x
            Rd41d8cd98f00b204e9800998ecf8427e
            D240
            S%d
            N%s
            --
            """.formatted(serial, revision, repository);
        return ActivityMessage.announce(manifest.getBytes(UTF_8), BEGINNING).raw();
    }

    /** Lets each finish its attempt. */
    @Override
    public void close() {
        stopped = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
