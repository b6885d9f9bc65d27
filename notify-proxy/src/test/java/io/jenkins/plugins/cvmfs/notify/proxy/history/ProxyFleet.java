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

    /** The place of one proxy, with its configuration and its journal; processes come and go. */
    private static final class Place {

        private final Path folder;
        private final List<String> arguments;
        private volatile Running running;

        /** Since when its process is stopped, and when it last went on; 0 for never. */
        private volatile long frozenAt;

        private volatile long thawedAt;

        Place(Path folder, List<String> arguments, int number) throws IOException {
            this.folder = folder;
            this.arguments = arguments;
            this.running = launch(new Life(number, 1));
        }

        private Running launch(Life life) throws IOException {
            JarProcess process = JarProcess.under(List.of(), JVM, folder, arguments.toArray(String[]::new));
            process.awaitOut("listening on ");
            return new Running(life, process.uri(), process);
        }

        void startAgain() throws IOException {
            running.process().close();
            running = launch(new Life(running.life().proxy(), running.life().number() + 1));
        }
    }

    private final HttpClient http;
    private final History history;
    private final List<Place> places;

    private ProxyFleet(HttpClient http, History history, List<Place> places) {
        this.http = http;
        this.history = history;
        this.places = places;
    }

    /** Starts so many and waits until they are ready. */
    static ProxyFleet start(int size, AmqpSettings amqp, Path folder, HttpClient http, History history) {
        return start(size, amqp, folder, folder, http, history);
    }

    /** @param states has a folder for each journal */
    static ProxyFleet start(int size, AmqpSettings amqp, Path folder, Path states, HttpClient http, History history) {
        List<Place> places = IntStream.rangeClosed(1, size)
                .parallel()
                .mapToObj(number -> place(number, folder, states.resolve("state" + number), describe(amqp), List.of()))
                .toList();
        ProxyFleet fleet = new ProxyFleet(http, history, places);
        fleet.awaitReady();
        return fleet;
    }

    /** Starts one without a broker. */
    static ProxyFleet standalone(Path folder, Path state, HttpClient http, History history) {
        ProxyFleet fleet = new ProxyFleet(http, history, List.of(place(1, folder, state, "", List.of("--standalone"))));
        fleet.awaitReady();
        return fleet;
    }

    private static Place place(int number, Path folder, Path state, String amqp, List<String> options) {
        try {
            Path own = Files.createDirectories(folder.resolve("proxy" + number));
            Path config = Files.writeString(own.resolve("config.json"), """
                    {"bind": "127.0.0.1", "port": 0, "log_level": "warn", "state_dir": "%s",
                     "access": {"anonymous_publish": "everyone"},
                     "delivery": {"replay_delay": "0s", "repeat_after": "0s"}%s}
                    """.formatted(state, amqp));
            List<String> arguments = new ArrayList<>(List.of("serve", "--config", config.toString()));
            arguments.addAll(options);
            return new Place(own, arguments, number);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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

    /** Waits until all are ready. */
    void awaitReady() {
        for (int i = 0; i < size(); i++) {
            int index = i;
            Awaitility.await("proxy %d is ready".formatted(i + 1))
                    .atMost(JarProcess.LIMIT)
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
        places.get(index).frozenAt = history.now();
        places.get(index).thawedAt = Long.MAX_VALUE;
        get(index).process().freeze();
    }

    void thaw(int index) throws IOException, InterruptedException {
        get(index).process().thaw();
        places.get(index).thawedAt = history.now();
    }

    /** Whether a proxy was stopped at some time between these. */
    boolean wasFrozen(Life life, long from, long to) {
        Place place = places.get(life.proxy() - 1);
        return place.frozenAt != 0 && place.frozenAt <= to && place.thawedAt >= from;
    }

    @Override
    public void close() {
        places.forEach(place -> place.running.process().close());
    }
}
