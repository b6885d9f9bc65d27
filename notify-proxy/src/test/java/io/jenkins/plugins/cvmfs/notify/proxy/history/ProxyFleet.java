package io.jenkins.plugins.cvmfs.notify.proxy.history;

import io.jenkins.plugins.cvmfs.notify.proxy.cli.JarProcess;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import io.jenkins.plugins.cvmfs.notify.proxy.history.History.Life;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/** Proxies in processes of their own, on one broker, which are killed, started again and stopped for a while. */
final class ProxyFleet implements AutoCloseable {

    /** Short times of the client's connection, so that a fault of seconds is longer. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(2);

    private static final Duration CONFIRM_TIMEOUT = Duration.ofSeconds(2);

    /** Starts in half the time of the defaults; how fast it serves does not matter here. */
    private static final Map<String, String> JVM =
            Map.of("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto");

    /** A process that listens. */
    record Running(Life life, URI uri, JarProcess process) {}

    /** What one proxy depends on, beside the broker itself: each can fail. Empty where this machine cannot make it fail. */
    record Surroundings(Optional<BrokerRelay> network, Optional<SteppedClock> clock, Optional<SmallDisk> disk) {

        private static final Surroundings SAFE = new Surroundings(Optional.empty(), Optional.empty(), Optional.empty());

        private void close() throws IOException {
            if (network.isPresent()) {
                network.get().close();
            }
            disk.ifPresent(SmallDisk::close);
        }
    }

    /** The place of one proxy, with its configuration and its journal; processes come and go. */
    private static final class Place {

        private final Path folder;
        private final List<String> arguments;
        private final Surroundings surroundings;
        private volatile Running running;

        Place(Path folder, List<String> arguments, int number, Surroundings surroundings) throws IOException {
            this.folder = folder;
            this.arguments = arguments;
            this.surroundings = surroundings;
            this.running = launch(new Life(number, 1));
        }

        private Running launch(Life life) throws IOException {
            JarProcess process = surroundings.clock().isPresent()
                    ? JarProcess.main(
                            SteppedClock.class, SteppedClock.copyTo(folder.resolve("main")), JVM, folder, arguments)
                    : JarProcess.under(List.of(), JVM, folder, arguments.toArray(String[]::new));
            process.awaitOut("listening on ");
            return new Running(life, process.uri(), process);
        }

        void startAgain() throws IOException {
            running.process().close();
            running = launch(new Life(running.life().proxy(), running.life().number() + 1));
        }
    }

    private final HttpClient http;
    private final List<Place> places;

    private ProxyFleet(HttpClient http, List<Place> places) {
        this.http = http;
        this.places = places;
    }

    /** Starts so many and waits until they are ready. */
    static ProxyFleet start(int size, AmqpSettings amqp, Path folder, HttpClient http) throws IOException {
        return start(size, amqp, folder, folder, http);
    }

    /** @param states has a folder for each journal */
    static ProxyFleet start(int size, AmqpSettings amqp, Path folder, Path states, HttpClient http) throws IOException {
        return start(
                size,
                number -> place(
                        number,
                        own(folder, number),
                        states.resolve("state" + number),
                        describe(amqp),
                        List.of(),
                        Surroundings.SAFE),
                http);
    }

    /** Starts so many, each with a network, a clock and a disk that can be made to fail, and waits until they are ready. */
    static ProxyFleet startExposed(int size, AmqpSettings amqp, Path folder, HttpClient http) throws IOException {
        return start(size, number -> exposed(number, amqp, own(folder, number)), http);
    }

    private static Place exposed(int number, AmqpSettings amqp, Path folder) throws IOException {
        BrokerRelay network = BrokerRelay.before(amqp, number);
        Path disk = folder.resolve("disk");
        Surroundings surroundings =
                new Surroundings(Optional.of(network), Optional.of(SteppedClock.in(folder)), SmallDisk.mount(disk));
        try {
            return place(number, folder, disk.resolve("state"), describe(network.amqp()), List.of(), surroundings);
        } catch (IOException | RuntimeException | AssertionError e) {
            surroundings.close();
            throw e;
        }
    }

    /** Starts one without a broker. */
    static ProxyFleet standalone(Path folder, Path state, HttpClient http) throws IOException {
        return start(
                1,
                number -> place(number, own(folder, number), state, "", List.of("--standalone"), Surroundings.SAFE),
                http);
    }

    private interface Placing {
        Place place(int number) throws IOException;
    }

    private static ProxyFleet start(int size, Placing placing, HttpClient http) throws IOException {
        List<Place> places = IntStream.rangeClosed(1, size)
                .parallel()
                .mapToObj(number -> {
                    try {
                        return placing.place(number);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .toList();
        ProxyFleet fleet = new ProxyFleet(http, places);
        try {
            fleet.awaitReady();
            return fleet;
        } catch (RuntimeException e) {
            fleet.close();
            throw e;
        }
    }

    private static Path own(Path folder, int number) throws IOException {
        return Files.createDirectories(folder.resolve("proxy" + number));
    }

    private static Place place(
            int number, Path own, Path state, String amqp, List<String> options, Surroundings surroundings)
            throws IOException {
        Path config = Files.writeString(own.resolve("config.json"), """
            {"bind": "127.0.0.1", "port": 0, "log_level": "warn", "state_dir": "%s",
             "access": {"anonymous_publish": "everyone"},
             "delivery": {"replay_delay": "0s", "repeat_after": "0s"}%s}
            """.formatted(state, amqp));
        List<String> arguments = new ArrayList<>(surroundings
                .clock()
                .map(clock -> clock.arguments(config))
                .orElseGet(() -> List.of("serve", "--config", config.toString())));
        arguments.addAll(options);
        return new Place(own, arguments, number, surroundings);
    }

    private static String describe(AmqpSettings amqp) {
        return """
            , "amqp": {"url": "%s", "port": %d, "vhost": "%s", "user": "%s", "pass": "%s",
                       "exchange": "%s", "stream": "%s", "stream_name": "%s",
                       "heartbeat": "%dms", "confirm_timeout": "%dms", "max_reconnect_delay": "500ms"}
            """.formatted(
                        amqp.host(),
                        amqp.port(),
                        amqp.vhost(),
                        amqp.user(),
                        amqp.password(),
                        amqp.exchange(),
                        streamUse(amqp).name().toLowerCase(Locale.ROOT),
                        amqp.streamName(),
                        HEARTBEAT.toMillis(),
                        CONFIRM_TIMEOUT.toMillis());
    }

    private static StreamUse streamUse(AmqpSettings amqp) {
        return amqp.toConfig().stream();
    }

    int size() {
        return places.size();
    }

    /** What listens, or listened last, at a place. */
    Running get(int index) {
        return places.get(index).running;
    }

    Running any(Random random) {
        return get(random.nextInt(size()));
    }

    /** What the proxy at a place depends on. */
    Surroundings surroundings(int index) {
        return places.get(index).surroundings;
    }

    /** Waits until all are ready. */
    void awaitReady() {
        awaitReady(JarProcess.LIMIT);
    }

    void awaitReady(Duration limit) {
        for (int i = 0; i < size(); i++) {
            int index = i;
            Awaitility.await("proxy %d is ready".formatted(i + 1))
                    .atMost(limit)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> isReady(get(index)));
        }
    }

    private boolean isReady(Running proxy) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(proxy.uri().resolve("/readyz"))
                .timeout(Duration.ofSeconds(2))
                .build();
        try {
            return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notNow) {
            return false;
        }
    }

    void kill(int index) throws InterruptedException {
        get(index).process().kill();
    }

    void startAgain(int index) throws IOException {
        places.get(index).startAgain();
    }

    void freeze(int index) throws IOException, InterruptedException {
        get(index).process().freeze();
    }

    void thaw(int index) throws IOException, InterruptedException {
        get(index).process().thaw();
    }

    @Override
    public void close() throws IOException {
        for (Place place : places) {
            place.running.process().close();
            place.surroundings.close();
        }
    }
}
