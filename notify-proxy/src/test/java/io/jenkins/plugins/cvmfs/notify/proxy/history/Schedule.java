package io.jenkins.plugins.cvmfs.notify.proxy.history;

import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Effect;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Fault;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Kind;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Outcome;
import io.jenkins.plugins.cvmfs.notify.proxy.history.HistoryChecker.Promise;
import io.jenkins.plugins.cvmfs.notify.proxy.history.ProxyFleet.Running;
import io.jenkins.plugins.cvmfs.notify.proxy.history.ProxyFleet.Surroundings;
import io.jenkins.plugins.cvmfs.notify.proxy.history.Subscribers.Subscription;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;

/**
 * One run, drawn from a seed: which proxies, announcers and subscribers there are, which faults strike and when. When the last fault is
 * healed, publishes must succeed and new subscribers of every proxy get everything within {@link #LONGEST_RECOVERY}.
 */
final class Schedule {

    /** Within this after the last fault everything must work again; docs/operations.md says the same. */
    static final Duration LONGEST_RECOVERY = Duration.ofSeconds(60);

    /** Within this after a publish was answered every other proxy that is ready must have it; docs/operations.md says the same. */
    static final Duration LONGEST_SPREAD = Duration.ofSeconds(2);

    static final List<String> REPOSITORIES = List.of("a.example.org", "b.example.org", "c.example.org");
    private static final int LONGEST_FAULT_MILLIS = 4_000;
    private static final int LONGEST_CALM_MILLIS = 1_500;

    /** What an administrator, a drifting clock or a restored virtual machine may do. */
    private static final List<Duration> STEPS = List.of(
            Duration.ofDays(-2),
            Duration.ofHours(-1),
            Duration.ofSeconds(-3),
            Duration.ofSeconds(3),
            Duration.ofHours(1),
            Duration.ofDays(2));

    /** Something that can be done to the broker, and what ends it. */
    interface BrokerDeed {

        /** What happens, in words. */
        String kind();

        /** The same, with the part that it happens to. */
        String name();

        Effect effect();

        void strike();

        void heal();
    }

    /** Something that is done to a part. */
    private interface Deed {
        void run() throws Exception;
    }

    /** @param proxy which one it concerns, or {@link Fault#ALL} */
    private record Doing(String kind, String name, int proxy, Effect effect, Deed strike, Deed heal) {}

    private final Random random;
    private final AmqpSettings amqp;
    private final List<? extends BrokerDeed> deeds;
    private final Path folder;
    private final HttpClient http = HttpClient.newHttpClient();
    private final History history = new History();

    /**
     * @param amqp with an exchange of its own
     * @param deeds what may be done to the broker
     * @param folder for the proxies' files
     */
    Schedule(long seed, AmqpSettings amqp, List<? extends BrokerDeed> deeds, Path folder) {
        this.random = new Random(seed);
        this.amqp = amqp;
        this.deeds = deeds;
        this.folder = folder;
    }

    /** What has happened so far. */
    History history() {
        return history;
    }

    /** Runs it. */
    void run() throws Exception {
        try (ProxyFleet fleet = ProxyFleet.startExposed(2 + random.nextInt(2), amqp, folder, http)) {
            Subscribers subscribers = new Subscribers(http, history);
            List<Subscription> open = new ArrayList<>();
            try (Announcers announcers = new Announcers(http, fleet, history)) {
                for (String repository : REPOSITORIES) {
                    for (int i = 1 + random.nextInt(2); i > 0; i--) {
                        announcers.add(repository, random.nextLong());
                    }
                }
                disturb(fleet, subscribers, open);
            }
            open.forEach(Subscription::abort);
            recover(fleet);
        }
    }

    private void disturb(ProxyFleet fleet, Subscribers subscribers, List<Subscription> open) throws Exception {
        Random coming = new Random(random.nextLong());
        Thread comeAndGo = new Thread(() -> comeAndGo(fleet, subscribers, open, coming), "subscribers");
        comeAndGo.start();
        try {
            for (int faults = 2 + random.nextInt(3); faults > 0; faults--) {
                pause(LONGEST_CALM_MILLIS);
                int proxy = random.nextInt(fleet.size());
                Doing first = random.nextBoolean() ? onBroker() : onProxy(fleet, proxy);
                Fault firstFault = strike(first);
                if (random.nextInt(4) == 0) {
                    Doing second = onProxy(fleet, (proxy + 1) % fleet.size());
                    Fault secondFault = strike(second);
                    pause(LONGEST_FAULT_MILLIS);
                    heal(second, secondFault);
                }
                pause(LONGEST_FAULT_MILLIS);
                heal(first, firstFault);
            }
            pause(LONGEST_CALM_MILLIS);
        } finally {
            comeAndGo.interrupt();
            comeAndGo.join();
        }
    }

    private Doing onBroker() {
        BrokerDeed deed = deeds.get(random.nextInt(deeds.size()));
        return new Doing(deed.kind(), deed.name(), Fault.ALL, deed.effect(), deed::strike, deed::heal);
    }

    /** One of those that are possible on this machine. */
    private Doing onProxy(ProxyFleet fleet, int index) {
        Surroundings surroundings = fleet.surroundings(index);
        int number = index + 1;
        String proxy = "proxy " + number;
        List<Doing> possible = new ArrayList<>();
        possible.add(new Doing(
                "proxy killed and restarted",
                proxy + " killed",
                number,
                Effect.NOW_OR_NEVER,
                () -> fleet.kill(index),
                () -> fleet.startAgain(index)));
        possible.add(new Doing(
                "proxy stopped (SIGSTOP)",
                proxy + " stopped",
                number,
                Effect.HELD_UP,
                () -> fleet.freeze(index),
                () -> fleet.thaw(index)));
        surroundings.network().ifPresent(network -> {
            possible.add(new Doing(
                    "proxy cut off from the broker, packets late",
                    proxy + " cut off, packets late",
                    number,
                    Effect.HELD_UP,
                    network::cut,
                    network::heal));
            possible.add(new Doing(
                    "proxy cut off from the broker, connections reset",
                    proxy + " cut off, connections reset",
                    number,
                    Effect.NOW_OR_NEVER,
                    network::cut,
                    network::reset));
        });
        surroundings.clock().ifPresent(clock -> {
            Duration step = STEPS.get(random.nextInt(STEPS.size()));
            possible.add(new Doing(
                    "proxy's clock stepped and set right",
                    proxy + "'s clock stepped by " + step,
                    number,
                    Effect.NOW_OR_NEVER,
                    () -> clock.step(step),
                    () -> clock.step(Duration.ZERO)));
        });
        surroundings
                .disk()
                .ifPresent(disk -> possible.add(new Doing(
                        "proxy's disk full",
                        proxy + "'s disk full",
                        number,
                        Effect.NOW_OR_NEVER,
                        disk::fill,
                        disk::empty)));
        return possible.get(random.nextInt(possible.size()));
    }

    private Fault strike(Doing doing) throws Exception {
        Fault fault = new Fault(doing.kind(), doing.name(), doing.proxy(), doing.effect(), history.now());
        history.add(fault);
        doing.strike().run();
        return fault;
    }

    private void heal(Doing doing, Fault fault) throws Exception {
        doing.heal().run();
        fault.healed(history.now());
    }

    private void pause(int longestMillis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(longestMillis)));
    }

    /** Keeps some subscribers of each kind, each for a while, until it is interrupted. */
    private static void comeAndGo(ProxyFleet fleet, Subscribers subscribers, List<Subscription> open, Random random) {
        while (!Thread.currentThread().isInterrupted()) {
            for (Kind kind : Kind.values()) {
                open.add(subscribers.open(kind, fleet.any(random), someRepositories(kind, random), false));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
            open.removeIf(Subscription::isBroken);
            while (open.size() > 12) {
                open.remove(random.nextInt(open.size())).abort();
            }
        }
    }

    private static Set<String> someRepositories(Kind kind, Random random) {
        List<String> some = new ArrayList<>(REPOSITORIES);
        Collections.shuffle(some, random);
        int count = kind == Kind.EVENTS_BY_BODY ? 1 : 1 + random.nextInt(some.size());
        return Set.copyOf(some.subList(0, count));
    }

    /**
     * Waits until everything works again, publishes through every proxy, and waits until new subscribers have all.
     *
     * @throws AssertionError if a connection breaks meanwhile
     */
    private void recover(ProxyFleet fleet) {
        long limit = history.lastFault() + LONGEST_RECOVERY.toNanos();
        fleet.awaitReady(left(limit));
        history.calm();
        publishThroughAll(fleet, limit);
        history.recovered();
        awaitAll(http, fleet, history);
        // Those that come now are late: each proxy must have everything at once.
        LockSupport.parkNanos(LONGEST_SPREAD.toNanos());
        awaitAll(http, fleet, history);
    }

    private Duration left(long limit) {
        return Duration.ofNanos(Math.max(1, limit - history.now()));
    }

    private void publishThroughAll(ProxyFleet fleet, long limit) {
        try (Announcers announcers = new Announcers(http, fleet, history)) {
            for (int i = 0; i < fleet.size(); i++) {
                Running proxy = fleet.get(i);
                for (String repository : REPOSITORIES) {
                    Awaitility.await("a publish through %s succeeds".formatted(proxy.life()))
                            .atMost(left(limit))
                            .until(() -> announcers.publishNext(proxy, repository) == Outcome.ACCEPTED);
                }
            }
        }
    }

    /** Waits until new subscribers of all kinds at all proxies have got everything, or the time is over. */
    static void awaitAll(HttpClient http, ProxyFleet fleet, History history) {
        Subscribers subscribers = new Subscribers(http, history);
        List<Subscription> last = new ArrayList<>();
        for (int i = 0; i < fleet.size(); i++) {
            for (Kind kind : Kind.values()) {
                for (Set<String> repositories : Subscribers.connections(kind, REPOSITORIES)) {
                    last.add(subscribers.open(kind, fleet.get(i), repositories, true));
                }
            }
        }
        long limit = history.now() + LONGEST_RECOVERY.toNanos();
        while (isSomethingMissing(history) && history.now() < limit) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
        for (Subscription subscription : last) {
            if (subscription.isBroken()) {
                throw new AssertionError("broke although no fault was left: " + subscription.connection);
            }
        }
    }

    private static boolean isSomethingMissing(History history) {
        return HistoryChecker.check(history).violations().stream()
                .anyMatch(violation -> violation.promise() == Promise.NOTHING_ACCEPTED_IS_LOST);
    }
}
