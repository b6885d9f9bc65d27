package io.jenkins.plugins.cvmfs.notify.load;

import com.sun.management.UnixOperatingSystemMXBean;
import io.jenkins.plugins.cvmfs.notify.load.generator.Dialect;
import io.jenkins.plugins.cvmfs.notify.load.generator.SubscriberKind;
import io.jenkins.plugins.cvmfs.notify.load.server.BareLoop;
import io.jenkins.plugins.cvmfs.notify.load.server.NchanServer;
import io.jenkins.plugins.cvmfs.notify.load.server.ProxyServer;
import io.jenkins.plugins.cvmfs.notify.load.server.Server;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
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
    /** Subscribers, about as many as a process may have descriptors by default. */
    private static final int LARGEST = 19_000;

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
            defaultValue = "FAN_OUT,LATENCY,PUBLISHES,BROKER_LATENCY,CONNECTIONS,KINDS,STALLED,UNDISTURBED,SCALE_OUT")
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
                    "NAME=OPTIONS: one more proxy beside each PROXY, with these options of the JVM after the others;"
                            + " -jar FILE among them is another build of the proxy.")
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
        UNDISTURBED,
        SCALE_OUT
    }

    /** The servers by their names on the command line. */
    enum ServerName {
        BARE(new BareLoop.Kind()),
        PROXY(proxy("proxy", ProxyServer.Log.MEMORY, 1, "")),
        PROXY_FSYNC(proxy("proxy, fsync", ProxyServer.Log.JOURNAL, 1, "")),
        PROXY_RABBITMQ(proxy("proxy, RabbitMQ", ProxyServer.Log.STREAM, 1, "")),
        PROXY_RABBITMQ_FSYNC(proxy("proxy, RabbitMQ, fsync", ProxyServer.Log.STREAM_AND_JOURNAL, 1, "")),
        PROXIES_RABBITMQ(proxy("5 proxies, RabbitMQ", ProxyServer.Log.STREAM, 5, "")),
        PROXIES_CLUSTER(proxy("5 proxies, 3 nodes", ProxyServer.Log.CLUSTER, 5, "")),
        NCHAN(new NchanServer()),
        RAW_CLIENT(new Server.Unserved("raw client", "stream", Dialect.AMQP)),
        FSYNC_EACH(new Server.Unserved("one fsync each", "fsync", Dialect.FILE));

        @SuppressWarnings("ImmutableEnumChecker") // All kinds are records or have no state.
        final Server.Kind kind;

        ServerName(Server.Kind kind) {
            this.kind = kind;
        }
    }

    private static Path builtProxy() {
        Path own = Path.of(System.getProperty("java.class.path")).toAbsolutePath();
        return own.resolve("../../../../notify-proxy/target/notify-proxy.jar").normalize();
    }

    /** Returns the exit code: 1 if a sample does not count. */
    @Override
    public Integer call() throws IOException {
        List<Session> sessions =
                scenarios.stream().flatMap(name -> sessions(name).stream()).toList();
        demandDescriptors(sessions);
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

    /** A server, and a generator, needs one for each subscriber. A JVM raises its own limit as far as it may. */
    private static void demandDescriptors(List<Session> sessions) throws IOException {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        long limit = ((UnixOperatingSystemMXBean) system).getMaxFileDescriptorCount();
        long needed = sessions.stream()
                .flatMap(session -> session.sizes().stream())
                .mapToInt(size -> size + 500)
                .max()
                .orElse(0);
        if (limit < needed) {
            throw new IOException(
                    "a process needs %d file descriptors and may have %d: raise that (ulimit -Hn %d), or use --part or --subscribers"
                            .formatted(needed, limit, needed));
        }
    }

    private List<Session> sessions(Name name) {
        List<SubscriberKind> events = List.of(SubscriberKind.EVENTS_BY_QUERY, SubscriberKind.EVENTS_BY_BODY);
        Scenario fanOut = new Scenario.FanOut(part * 2000, part * 1500);
        Scenario latency = new Scenario.Latency(RATE, seconds(10), seconds(5));
        Scenario stalled = new Scenario.Stalled(100, RATE, seconds(3));
        ServerName[] all = {ServerName.BARE, ServerName.PROXY, ServerName.NCHAN};
        ServerName[] both = {ServerName.PROXY, ServerName.NCHAN};
        return switch (name) {
            case FAN_OUT -> List.of(session(fanOut, List.of(1000, 10_000, LARGEST), all));
            case LATENCY -> List.of(session(latency, List.of(100), all));
            case PUBLISHES ->
                List.of(session(
                        new Scenario.Publishes(seconds(4)),
                        List.of(64),
                        ServerName.PROXY_RABBITMQ,
                        ServerName.RAW_CLIENT,
                        ServerName.PROXY_RABBITMQ_FSYNC,
                        ServerName.PROXY_FSYNC,
                        ServerName.FSYNC_EACH));
            case BROKER_LATENCY ->
                List.of(session(
                        latency,
                        List.of(1),
                        ServerName.PROXY_RABBITMQ,
                        ServerName.RAW_CLIENT,
                        ServerName.PROXY_RABBITMQ_FSYNC));
            case CONNECTIONS ->
                List.of(session(
                        new Scenario.Connections((long) (1000 * seconds(5.5))), List.of(10_000, LARGEST), both));
            case KINDS -> List.of(session(fanOut, events, List.of(1000, 10_000), ServerName.PROXY));
            case STALLED ->
                List.of(
                        session(stalled, List.of(0, 10), all),
                        session(stalled, events, List.of(0, 10), ServerName.PROXY));
            case UNDISTURBED -> List.of(session(new Scenario.Undisturbed(5, 50, 2, seconds(6)), List.of(10_000), both));
            case SCALE_OUT ->
                List.of(session(
                        new Scenario.ScaleOut(8, 10),
                        List.of(LARGEST),
                        ServerName.PROXY_RABBITMQ,
                        ServerName.PROXIES_RABBITMQ,
                        ServerName.PROXIES_CLUSTER));
        };
    }

    private double seconds(double usual) {
        return Math.max(0.5, usual * part / 100);
    }

    private Session session(Scenario scenario, List<Integer> sizes, ServerName... usual) {
        return session(scenario, List.of(SubscriberKind.WEB_SOCKET), sizes, usual);
    }

    private Session session(Scenario scenario, List<SubscriberKind> kinds, List<Integer> sizes, ServerName... usual) {
        List<Server.Kind> started = new ArrayList<>();
        for (ServerName name : servers.isEmpty() ? List.of(usual) : servers) {
            if (!name.kind.isInstalled()) {
                System.out.printf("%s: not run, a package that docs/benchmarks names is not installed%n", name);
            } else {
                started.add(name.kind);
                if (name.kind instanceof ProxyServer proxy) {
                    variants.forEach((title, options) ->
                            started.add(proxy(proxy.title() + ", " + title, proxy.log(), proxy.count(), options)));
                }
            }
        }
        List<Integer> chosen = subscribers.isEmpty() ? scaled(sizes) : subscribers;
        return new Session(scenario, started, kinds, chosen, new Sample.Log(samples), System.out);
    }

    /** Small sizes stay; the others do not fall below 20. */
    private List<Integer> scaled(List<Integer> sizes) {
        return sizes.stream()
                .map(size -> size <= 100 ? size : Math.max(20, size * part / 100))
                .toList();
    }

    /** @param options of the JVM after those of the packages; perhaps -jar FILE */
    private static ProxyServer proxy(String title, ProxyServer.Log log, int count, String options) {
        List<String> all = new ArrayList<>(options(FLAGS));
        all.addAll(options(options));
        int at = all.indexOf("-jar");
        List<String> program = List.of("-jar", at < 0 ? builtProxy().toString() : all.get(at + 1));
        if (at >= 0) {
            all.subList(at, at + 2).clear();
        }
        return new ProxyServer(title, log, count, all, program, LIMITS);
    }

    private static List<String> options(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split(" +"));
    }
}
