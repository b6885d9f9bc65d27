package io.jenkins.plugins.cvmfs.notify.load;

import static io.jenkins.plugins.cvmfs.notify.load.ServerName.BARE;
import static io.jenkins.plugins.cvmfs.notify.load.ServerName.NCHAN;
import static io.jenkins.plugins.cvmfs.notify.load.ServerName.PROXY;
import static io.jenkins.plugins.cvmfs.notify.load.ServerName.PROXY_FSYNC;
import static io.jenkins.plugins.cvmfs.notify.load.ServerName.PROXY_NGINX_TLS;
import static io.jenkins.plugins.cvmfs.notify.load.ServerName.PROXY_RABBITMQ;
import static io.jenkins.plugins.cvmfs.notify.load.ServerName.PROXY_TLS;
import static io.jenkins.plugins.cvmfs.notify.load.ServerName.PROXY_TLS_NATIVE;
import static io.jenkins.plugins.cvmfs.notify.load.ServerName.WEB_MQTT;
import static io.jenkins.plugins.cvmfs.notify.load.ServerName.WEB_STOMP;

import io.jenkins.plugins.cvmfs.notify.load.scenario.Connections;
import io.jenkins.plugins.cvmfs.notify.load.scenario.FanOut;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Latency;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Publishes;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Repositories;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Scenario;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Session;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Stalled;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Undisturbed;
import io.jenkins.plugins.cvmfs.notify.load.scenario.WaitingGates;
import io.jenkins.plugins.cvmfs.notify.load.wire.SubscriberKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Everything that {@code results.md} tells, the most important first, in each repetition. */
@Command(name = "all", description = "Every scenario with its usual servers and sizes, one after the other, repeated.")
final class AllCommand implements Callable<Integer> {

    private static final List<SubscriberKind> WEB_SOCKETS = List.of(SubscriberKind.WEB_SOCKET);
    private static final List<SubscriberKind> EVENTS =
            List.of(SubscriberKind.EVENTS_BY_QUERY, SubscriberKind.EVENTS_BY_BODY);
    private static final int RATE = 500;

    @Mixin
    private SessionOptions options = new SessionOptions();

    @Option(
            names = "--part",
            description = "A percentage of the usual size and time of everything; less than 100 is for trying out."
                    + " Default: ${DEFAULT-VALUE}.")
    private int part = 100;

    @Option(
            names = "--group",
            split = ",",
            description = "main (fan-out, latency), broker (publishes, latency through RabbitMQ), memory (connections),"
                    + " kinds (event streams), stalled, tls, rest (fan-outs beside other work, repositories, gates,"
                    + " RabbitMQ's protocols for browsers). Default: all of them.")
    private List<String> groups = List.of("main", "broker", "memory", "kinds", "stalled", "tls", "rest");

    @Option(names = "--plan", description = "Only says what would be done, and how long it takes.")
    private boolean planOnly;

    @Override
    public Integer call() throws IOException {
        List<Session> sessions = new ArrayList<>();
        groups.forEach(group -> sessions.addAll(sessions(group)));
        options.printPlan(sessions);
        return planOnly ? 0 : options.run(sessions);
    }

    private List<Session> sessions(String group) {
        return switch (group) {
            case "main" -> main();
            case "broker" -> broker();
            case "memory" ->
                List.of(web(new Connections((long) (1000 * seconds(5.5))), List.of(PROXY, NCHAN), 10_000, 19_000));
            case "kinds" ->
                List.of(options.session(fanOut(), List.of(BARE, PROXY), EVENTS, sizes(1000, 10_000), List.of()));
            case "stalled" -> stalled();
            case "tls" -> List.of(web(fanOut(), List.of(PROXY_TLS, PROXY_TLS_NATIVE, PROXY_NGINX_TLS), 1000, 10_000));
            case "rest" -> rest();
            default -> throw new IllegalArgumentException("there is no group " + group);
        };
    }

    private List<Session> main() {
        return List.of(
                web(fanOut(), List.of(BARE, PROXY, NCHAN), 1000, 10_000, 19_000),
                web(new Latency(RATE, seconds(10), seconds(5)), List.of(BARE, PROXY, NCHAN), 100));
    }

    private List<Session> broker() {
        return List.of(
                options.session(
                        new Publishes(seconds(3)),
                        List.of(PROXY_RABBITMQ, PROXY_FSYNC),
                        WEB_SOCKETS,
                        List.of(64),
                        ScenarioCommands.rawPublishes(Path.of(System.getProperty("java.io.tmpdir")), seconds(3))),
                options.session(
                        new Latency(RATE, seconds(10), seconds(3)),
                        List.of(BARE, PROXY_RABBITMQ),
                        WEB_SOCKETS,
                        List.of(1),
                        ScenarioCommands.rawLatency(RATE, seconds(10), seconds(3))));
    }

    private List<Session> stalled() {
        Stalled stalled = new Stalled(100, RATE, seconds(3));
        return List.of(
                web(stalled, List.of(BARE, PROXY, NCHAN), 0, 10),
                options.session(stalled, List.of(PROXY), EVENTS, sizes(0, 10), List.of()));
    }

    private List<Session> rest() {
        return List.of(
                web(new Undisturbed(5, 50, 2, seconds(6), options.messageBytes()), List.of(PROXY, NCHAN), 10_000),
                web(new Repositories(5, 1000, seconds(5)), List.of(PROXY), 10_000),
                web(new WaitingGates(4, seconds(5)), List.of(PROXY), 10_000),
                web(new FanOut(part * 1000, part * 500), List.of(WEB_MQTT, WEB_STOMP), 1000));
    }

    private FanOut fanOut() {
        return new FanOut(part * 2000, part * 1500);
    }

    private double seconds(double usual) {
        return Math.max(0.5, usual * part / 100);
    }

    private Session web(Scenario scenario, List<ServerName> servers, Integer... sizes) {
        return options.session(scenario, servers, WEB_SOCKETS, sizes(sizes), List.of());
    }

    /** Not below 20, but 0 stays and so do a few. */
    private List<Integer> sizes(Integer... usual) {
        return List.of(usual).stream()
                .map(size -> size <= 100 ? size : Math.max(20, size * part / 100))
                .toList();
    }
}
