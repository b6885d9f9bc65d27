package io.jenkins.plugins.cvmfs.notify.load;

import io.jenkins.plugins.cvmfs.notify.load.generator.SubscriberKind;
import io.jenkins.plugins.cvmfs.notify.load.report.Sample;
import io.jenkins.plugins.cvmfs.notify.load.server.BareLoop;
import io.jenkins.plugins.cvmfs.notify.load.server.Baseline;
import io.jenkins.plugins.cvmfs.notify.load.server.NchanServer;
import io.jenkins.plugins.cvmfs.notify.load.server.ProxyServer;
import io.jenkins.plugins.cvmfs.notify.load.server.RabbitMqNode;
import io.jenkins.plugins.cvmfs.notify.load.server.RawAmqpClient;
import io.jenkins.plugins.cvmfs.notify.load.server.Server;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the scenarios of the goals table, each with the servers that it compares, in each repetition. */
@Command(name = "run", description = "Measures scenarios on the servers they compare, one after the other, repeatedly.")
final class RunCommand implements Callable<Integer> {

    private static final int RATE = 500;

    /** Those of the packages. */
    private static final String FLAGS =
            "-XX:+UseSerialGC -Xms16m -Xmn8m -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=20"
                    + " -XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockExperimentalVMOptions -XX:+UnlockDiagnosticVMOptions"
                    + " -XX:TrimNativeHeapInterval=2000 -XX:+UseCompactObjectHeaders -XX:ArchiveRelocationMode=0"
                    + " -XX:+ExitOnOutOfMemoryError";

    /** The rate limits of publishers and repositories are off, as the load must exceed them; all other limits apply. */
    private static final String LIMITS =
            "\"log_level\": \"error\", \"limits\": {\"max_connections_per_address\": 20000,"
                    + " \"max_repositories\": 20000, \"publishes_per_second_per_publisher\": 0,"
                    + " \"publishes_per_second_per_repository\": 0}";

    @Option(
            names = "--scenarios",
            split = ",",
            description = "${COMPLETION-CANDIDATES}, in this order. Default: all.",
            defaultValue = "FAN_OUT,LATENCY,PUBLISHES,BROKER_LATENCY,CONNECTIONS,KINDS,STALLED,UNDISTURBED")
    private List<Name> scenarios = List.of();

    @Option(
            names = "--servers",
            split = ",",
            description = "${COMPLETION-CANDIDATES}; the first is the control. Default: those that the goals compare.")
    private List<ServerName> servers = List.of();

    @Option(names = "--subscribers", split = ",", description = "Sizes to measure. Default: those of the goals.")
    private List<Integer> subscribers = List.of();

    @Option(names = "--repetitions", description = "Default: ${DEFAULT-VALUE}.")
    private int repetitions = 5;

    @Option(
            names = "--part",
            description = "Percentage of the usual sizes and times; below 100 is a trial. Default: ${DEFAULT-VALUE}.")
    private int part = 100;

    @Option(names = "--samples", description = "File to which samples are appended. Default: ${DEFAULT-VALUE}.")
    private Path samples = Path.of("samples.jsonl");

    @Option(
            names = "--variant",
            description =
                    "NAME=OPTIONS: one more standalone proxy beside PROXY, with these options of the JVM after the"
                            + " others; -jar FILE among them is another build of the proxy.")
    private Map<String, String> variants = new LinkedHashMap<>();

    /** The scenarios by their names on the command line. */
    enum Name {
        FAN_OUT,
        LATENCY,
        PUBLISHES,
        BROKER_LATENCY,
        CONNECTIONS,
        KINDS,
        STALLED,
        UNDISTURBED
    }

    /** The servers by their names on the command line. */
    enum ServerName {
        BARE,
        PROXY,
        PROXY_FSYNC,
        PROXY_RABBITMQ,
        NCHAN
    }

    private static Path builtProxy() {
        Path own = Path.of(System.getProperty("java.class.path")).toAbsolutePath();
        Path top = Path.of("/").relativize(own).getNameCount() > 4
                ? own.resolve("../../../..").normalize()
                : own;
        return top.resolve("notify-proxy/target/notify-proxy.jar");
    }

    /** Returns the exit code: 1 if a sample does not count. */
    @Override
    public Integer call() throws IOException {
        List<Session> sessions =
                scenarios.stream().flatMap(name -> sessions(name).stream()).toList();
        boolean flawless = true;
        for (int repetition = 0; repetition < repetitions; repetition++) {
            String name = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
            for (Session session : sessions) {
                flawless &= session.repeat(repetition, name);
            }
            System.out.printf("repetition %d of %d done%n", repetition + 1, repetitions);
        }
        return flawless ? 0 : 1;
    }

    private List<Session> sessions(Name name) {
        List<ServerName> all = List.of(ServerName.BARE, ServerName.PROXY, ServerName.NCHAN);
        List<SubscriberKind> webSockets = List.of(SubscriberKind.WEB_SOCKET);
        List<SubscriberKind> events = List.of(SubscriberKind.EVENTS_BY_QUERY, SubscriberKind.EVENTS_BY_BODY);
        Scenario fanOut = new Scenario.FanOut(part * 2000, part * 1500);
        Scenario latency = new Scenario.Latency(RATE, seconds(10), seconds(5));
        Scenario stalled = new Scenario.Stalled(100, RATE, seconds(3));
        return switch (name) {
            case FAN_OUT -> List.of(session(fanOut, all, webSockets, List.of(1000, 10_000, 19_000)));
            case LATENCY -> List.of(session(latency, all, webSockets, List.of(100)));
            case PUBLISHES ->
                List.of(session(
                        new Scenario.Publishes(seconds(3)),
                        List.of(ServerName.PROXY_RABBITMQ, ServerName.PROXY_FSYNC),
                        webSockets,
                        List.of(64),
                        new RawAmqpClient("stream", seconds(3)),
                        new RawAmqpClient("quorum", seconds(3)),
                        new Baseline.FsyncEach(Path.of(System.getProperty("java.io.tmpdir")), seconds(3))));
            case BROKER_LATENCY ->
                List.of(session(
                        latency,
                        List.of(ServerName.BARE, ServerName.PROXY_RABBITMQ),
                        webSockets,
                        List.of(1),
                        new RawAmqpClient.Latency(RATE, seconds(10), seconds(5))));
            case CONNECTIONS ->
                List.of(session(
                        new Scenario.Connections((long) (1000 * seconds(5.5))),
                        List.of(ServerName.PROXY, ServerName.NCHAN),
                        webSockets,
                        List.of(10_000, 19_000)));
            case KINDS -> List.of(session(fanOut, List.of(ServerName.PROXY), events, List.of(1000, 10_000)));
            case STALLED ->
                List.of(
                        session(stalled, all, webSockets, List.of(0, 10)),
                        session(stalled, List.of(ServerName.PROXY), events, List.of(0, 10)));
            case UNDISTURBED ->
                List.of(session(
                        new Scenario.Undisturbed(5, 50, 2, seconds(6)),
                        List.of(ServerName.PROXY, ServerName.NCHAN),
                        webSockets,
                        List.of(10_000)));
        };
    }

    private double seconds(double usual) {
        return Math.max(0.5, usual * part / 100);
    }

    private Session session(
            Scenario scenario,
            List<ServerName> usual,
            List<SubscriberKind> kinds,
            List<Integer> sizes,
            Baseline... baselines) {
        List<Server.Kind> started = new ArrayList<>();
        for (ServerName name : servers.isEmpty() ? usual : servers) {
            if (isInstalled(name)) {
                started.add(server(name));
                if (name == ServerName.PROXY) {
                    variants.forEach((title, options) -> started.add(proxy(title, ProxyServer.Log.MEMORY, options)));
                }
            }
        }
        List<Baseline> possible = Arrays.stream(baselines)
                .filter(baseline -> baseline instanceof Baseline.FsyncEach || RabbitMqNode.isInstalled())
                .toList();
        return new Session(
                scenario,
                started,
                possible,
                kinds,
                subscribers.isEmpty() ? scaled(sizes) : subscribers,
                new Sample.Log(samples),
                System.out);
    }

    /** Small sizes stay; the others do not fall below 20. */
    private List<Integer> scaled(List<Integer> sizes) {
        return sizes.stream()
                .map(size -> size <= 100 ? size : Math.max(20, size * part / 100))
                .toList();
    }

    private static boolean isInstalled(ServerName name) {
        boolean installed = switch (name) {
            case NCHAN -> NchanServer.isInstalled();
            case PROXY_RABBITMQ -> RabbitMqNode.isInstalled();
            default -> true;
        };
        if (!installed) {
            System.out.printf(
                    "%s: not run, the package %s is not installed%n",
                    name, name == ServerName.NCHAN ? "libnginx-mod-nchan" : "rabbitmq-server");
        }
        return installed;
    }

    private Server.Kind server(ServerName name) {
        return switch (name) {
            case BARE -> new BareLoop.Kind();
            case NCHAN -> new NchanServer();
            case PROXY -> standalone();
            case PROXY_FSYNC -> proxy("proxy, fsync", ProxyServer.Log.JOURNAL, "");
            case PROXY_RABBITMQ -> proxy("proxy, RabbitMQ", ProxyServer.Log.RABBITMQ, "");
        };
    }

    static ProxyServer standalone() {
        return proxy("proxy", ProxyServer.Log.MEMORY, "");
    }

    /** @param options of the JVM after those of the packages; perhaps -jar FILE */
    private static ProxyServer proxy(String title, ProxyServer.Log log, String options) {
        List<String> all = new ArrayList<>(options(FLAGS));
        all.addAll(options(options));
        int at = all.indexOf("-jar");
        List<String> program = List.of("-jar", at < 0 ? builtProxy().toString() : all.get(at + 1));
        if (at >= 0) {
            all.subList(at, at + 2).clear();
        }
        return new ProxyServer(title, log, program, all, LIMITS);
    }

    private static List<String> options(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split(" +"));
    }
}
