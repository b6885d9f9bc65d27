package io.jenkins.plugins.cvmfs.notify.load;

import io.jenkins.plugins.cvmfs.notify.load.report.SampleFile;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Scenario;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Session;
import io.jenkins.plugins.cvmfs.notify.load.server.BareLoopServer;
import io.jenkins.plugins.cvmfs.notify.load.server.NchanServer;
import io.jenkins.plugins.cvmfs.notify.load.server.ProxyServer;
import io.jenkins.plugins.cvmfs.notify.load.server.ServerKind;
import io.jenkins.plugins.cvmfs.notify.load.wire.SubscriberKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** What all scenarios can be told. */
final class SessionOptions {

    /** A server by the name it has on the command line. */
    enum ServerName {
        BARE,
        PROXY,
        NCHAN
    }

    @Option(
            names = "--servers",
            split = ",",
            description = "${COMPLETION-CANDIDATES}; the first is the control. Default: ${DEFAULT-VALUE}.")
    private List<ServerName> servers = List.of(ServerName.BARE, ServerName.PROXY, ServerName.NCHAN);

    @Option(names = "--subscribers", split = ",", description = "How many. Default: ${DEFAULT-VALUE}.")
    private List<Integer> subscribers = List.of(1000, 10_000);

    @Option(names = "--kinds", split = ",", description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private List<SubscriberKind> kinds = List.of(SubscriberKind.WEB_SOCKET);

    @Option(names = "--repetitions", description = "How often all is repeated. Default: ${DEFAULT-VALUE}.")
    private int repetitions = 5;

    @Option(names = "--message-bytes", description = "Length of a message. Default: ${DEFAULT-VALUE}.")
    private int messageBytes = 1025;

    @Option(names = "--samples", description = "Where samples are appended. Default: ${DEFAULT-VALUE}.")
    private Path samples = Path.of("samples.jsonl");

    @Option(names = "--proxy-jar", description = "The proxy. Default: that of the same build.")
    private Path proxyJar = builtProxy();

    @Option(names = "--proxy-name", description = "What the samples call it. Default: ${DEFAULT-VALUE}.")
    private String proxyName = "proxy";

    @Option(names = "--proxy-flags", description = "Options of its JVM. Default: ${DEFAULT-VALUE}.")
    private String proxyFlags = "-XX:+UseSerialGC";

    private static Path builtProxy() {
        Path own = Path.of(System.getProperty("java.class.path")).toAbsolutePath();
        Path top = Path.of("/").relativize(own).getNameCount() > 4
                ? own.resolve("../../../..").normalize()
                : own;
        return top.resolve("notify-proxy/target/notify-proxy.jar");
    }

    void run(Scenario scenario) {
        List<ServerKind> started = new ArrayList<>();
        for (ServerName server : servers) {
            if (server == ServerName.NCHAN && !NchanServer.isInstalled()) {
                System.out.println("nchan: not run, Debian's libnginx-mod-nchan is not installed");
            } else {
                started.add(serverKind(server));
            }
        }
        try {
            new Session(
                            scenario,
                            started,
                            kinds,
                            subscribers,
                            repetitions,
                            messageBytes,
                            new SampleFile(samples),
                            System.out)
                    .run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ServerKind serverKind(ServerName server) {
        return switch (server) {
            case BARE -> new BareLoopServer();
            case NCHAN -> new NchanServer();
            case PROXY ->
                new ProxyServer(
                        proxyName,
                        "memory",
                        List.of("-jar", proxyJar.toString()),
                        List.of(proxyFlags.split(" ")),
                        "{\"standalone\": true}");
        };
    }
}
