package io.jenkins.plugins.cvmfs.notify.load;

import io.jenkins.plugins.cvmfs.notify.load.baseline.Baseline;
import io.jenkins.plugins.cvmfs.notify.load.report.SampleFile;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Scenario;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Session;
import io.jenkins.plugins.cvmfs.notify.load.server.RunningServer;
import io.jenkins.plugins.cvmfs.notify.load.server.ServerKind;
import io.jenkins.plugins.cvmfs.notify.load.server.Tls;
import io.jenkins.plugins.cvmfs.notify.load.wire.SubscriberKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What all scenarios can be told. */
final class SessionOptions {

    @Option(
            names = "--servers",
            split = ",",
            description = "${COMPLETION-CANDIDATES}; the first is the control. Default: those the scenario is for.")
    private List<ServerName> servers = List.of();

    @Option(names = "--subscribers", split = ",", description = "How many. Default: those the scenario is for.")
    private List<Integer> subscribers = List.of();

    @Option(names = "--kinds", split = ",", description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private List<SubscriberKind> kinds = List.of(SubscriberKind.WEB_SOCKET);

    @Option(names = "--repetitions", description = "How often all is repeated. Default: ${DEFAULT-VALUE}.")
    private int repetitions = 5;

    @Option(
            names = "--turn",
            description =
                    "Which of the servers comes first in the first repetition, from 0. Default: ${DEFAULT-VALUE}.")
    private int turn;

    @Option(
            names = "--repetition-name",
            description = "What the samples call the repetition: those of one name are compared. Default: the time.")
    private @Nullable String repetitionName;

    @Option(names = "--message-bytes", description = "Length of a message. Default: ${DEFAULT-VALUE}.")
    private int messageBytes = 1025;

    @Option(names = "--samples", description = "Where samples are appended. Default: ${DEFAULT-VALUE}.")
    private Path samples = Path.of("samples.jsonl");

    @Option(names = "--url", description = "A further server that speaks the proxy's protocols, as http://HOST:PORT.")
    private @Nullable URI url;

    @Option(names = "--url-process", description = "Its process on this machine, for its CPU and memory.")
    private List<Long> urlProcesses = List.of();

    @Mixin
    private ProxyOptions proxy = new ProxyOptions();

    int messageBytes() {
        return messageBytes;
    }

    /** One scenario, on those servers and sizes unless the command line names others. Returns the exit code. */
    int run(Scenario scenario, List<ServerName> usual, List<Integer> sizes, List<Baseline> baselines) {
        return run(List.of(session(
                scenario,
                servers.isEmpty() ? usual : servers,
                kinds,
                subscribers.isEmpty() ? sizes : subscribers,
                baselines)));
    }

    /** Says what will be measured, and how long that takes if it is as it was before. */
    void printPlan(List<Session> sessions) throws IOException {
        double each = 0;
        for (Session session : sessions) {
            double seconds = session.estimateSeconds();
            System.out.printf("%5.0f s  %s%n", seconds, session.describe());
            each += seconds;
        }
        System.out.printf(
                "%d repetitions of about %.0f minutes each: %.0f minutes. What is measured again comes on top.%n",
                repetitions, each / 60, repetitions * each / 60);
    }

    /** Several, one after the other in each repetition. Returns the exit code: 1 if something measured does not count. */
    int run(List<Session> sessions) {
        boolean flawless = true;
        try {
            for (int repetition = 0; repetition < repetitions; repetition++) {
                String name = repetitionName == null
                        ? Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()
                        : repetitionName;
                for (Session session : sessions) {
                    flawless &= session.repeat(turn + repetition, name);
                }
                System.out.printf("repetition %d of %d done%n", repetition + 1, repetitions);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return flawless ? 0 : 1;
    }

    Session session(
            Scenario scenario,
            List<ServerName> names,
            List<SubscriberKind> itsKinds,
            List<Integer> sizes,
            List<Baseline> baselines) {
        List<ServerKind> started = new ArrayList<>();
        for (ServerName name : names) {
            Optional<String> missing = name.missing();
            if (missing.isPresent()) {
                System.out.println(name + ": not run, " + missing.get() + " is not installed");
            } else {
                started.add(name.server(proxy));
                if (name == ServerName.PROXY || name == ServerName.PROXY_TLS) {
                    started.addAll(proxy.variants(name == ServerName.PROXY_TLS ? Tls.JDK : Tls.NONE));
                }
            }
        }
        if (url != null) {
            started.add(new RunningServer(url, urlProcesses));
        }
        return new Session(
                scenario, started, baselines, itsKinds, sizes, messageBytes, new SampleFile(samples), System.out);
    }
}
