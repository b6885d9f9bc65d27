package io.jenkins.plugins.cvmfs.notify.proxy.history;

import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Fault;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Kind;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Outcome;
import io.jenkins.plugins.cvmfs.notify.proxy.history.HistoryChecker.Promise;
import io.jenkins.plugins.cvmfs.notify.proxy.history.ProxyFleet.Running;
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

    /** Within this everything must work again; docs/operations.md says the same. */
    static final Duration LONGEST_RECOVERY = Duration.ofSeconds(60);

    static final List<String> REPOSITORIES = List.of("a.example.org", "b.example.org", "c.example.org");
    private static final int LONGEST_FAULT_MILLIS = 4_000;
    private static final int LONGEST_CALM_MILLIS = 1_500;

    /** Something that can be done to the broker, and what ends it. */
    interface BrokerDeed {

        /** What happens, in words. */
        String name();

        void strike();

        void heal();
    }

    /** Something that is done to a part. */
    private interface Deed {
        void run() throws Exception;
    }

    private record Doing(String name, Deed strike, Deed heal) {}

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
        try (ProxyFleet fleet = ProxyFleet.start(2 + random.nextInt(2), amqp, folder, http, history)) {
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
            recover(http, fleet, history);
        }
    }

    private void disturb(ProxyFleet fleet, Subscribers subscribers, List<Subscription> open) throws Exception {
        Random coming = new Random(random.nextLong());
        Thread comeAndGo = new Thread(() -> comeAndGo(fleet, subscribers, open, coming), "subscribers");
        comeAndGo.start();
        try {
            for (int faults = 2 + random.nextInt(3); faults > 0; faults--) {
                pause(LONGEST_CALM_MILLIS);
                Doing first = random.nextBoolean() ? onBroker() : onProxy(fleet);
                strike(first);
                if (random.nextInt(4) == 0) {
                    Doing second = onProxy(fleet);
                    if (!second.name().equals(first.name())) {
                        strike(second);
                        pause(LONGEST_FAULT_MILLIS);
                        heal(second);
                    }
                }
                pause(LONGEST_FAULT_MILLIS);
                heal(first);
            }
            pause(LONGEST_CALM_MILLIS);
        } finally {
            comeAndGo.interrupt();
            comeAndGo.join();
        }
    }

    private Doing onBroker() {
        BrokerDeed deed = deeds.get(random.nextInt(deeds.size()));
        return new Doing(deed.name(), deed::strike, deed::heal);
    }

    private Doing onProxy(ProxyFleet fleet) {
        int index = random.nextInt(fleet.size());
        return random.nextBoolean()
                ? new Doing(
                        "proxy %d killed".formatted(index + 1), () -> fleet.kill(index), () -> fleet.startAgain(index))
                : new Doing(
                        "proxy %d stopped".formatted(index + 1), () -> fleet.freeze(index), () -> fleet.thaw(index));
    }

    private void strike(Doing doing) throws Exception {
        history.add(new Fault(doing.name(), history.now()));
        doing.strike().run();
    }

    private void heal(Doing doing) throws Exception {
        doing.heal().run();
        history.add(new Fault(doing.name() + ", healed", history.now()));
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
    static void recover(HttpClient http, ProxyFleet fleet, History history) {
        fleet.awaitReady();
        publishThroughAll(http, fleet, history);
        awaitAll(http, fleet, history);
    }

    private static void publishThroughAll(HttpClient http, ProxyFleet fleet, History history) {
        try (Announcers announcers = new Announcers(http, fleet, history)) {
            for (int i = 0; i < fleet.size(); i++) {
                Running proxy = fleet.get(i);
                for (String repository : REPOSITORIES) {
                    Awaitility.await("a publish through %s succeeds".formatted(proxy.life()))
                            .atMost(LONGEST_RECOVERY)
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
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
        for (Subscription subscription : last) {
            if (subscription.isBroken()) {
                throw new AssertionError("broke although no fault was left: " + subscription.connection);
            }
        }
    }

    private static boolean isSomethingMissing(History history) {
        return HistoryChecker.check(history).stream()
                .anyMatch(violation -> violation.promise() == Promise.NOTHING_ACCEPTED_IS_LOST);
    }
}
