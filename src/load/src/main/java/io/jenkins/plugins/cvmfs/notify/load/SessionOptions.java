package io.jenkins.plugins.cvmfs.notify.load;

import io.jenkins.plugins.cvmfs.notify.load.report.SampleFile;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Scenario;
import io.jenkins.plugins.cvmfs.notify.load.scenario.Session;
import io.jenkins.plugins.cvmfs.notify.load.server.BareLoopServer;
import io.jenkins.plugins.cvmfs.notify.load.server.NchanServer;
import io.jenkins.plugins.cvmfs.notify.load.server.ProxyServer;
import io.jenkins.plugins.cvmfs.notify.load.server.RunningServer;
import io.jenkins.plugins.cvmfs.notify.load.server.ServerKind;
import io.jenkins.plugins.cvmfs.notify.load.wire.SubscriberKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
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

    @Option(
            names = "--proxy-flags",
            description = "Options of its JVM. Default, those of the packages: ${DEFAULT-VALUE}.")
    private String proxyFlags = "-XX:+UseSerialGC -Xms16m -Xmn8m -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=20"
            + " -XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockExperimentalVMOptions -XX:TrimNativeHeapInterval=5000"
            + " -XX:+ExitOnOutOfMemoryError";

    @Option(names = "--proxy-config", description = "Its configuration, JSON. Default: ${DEFAULT-VALUE}.")
    private String proxyConfig = "{\"standalone\": true, \"log_level\": \"error\"}";

    @Option(names = "--proxy-durability", description = "What that does with a message. Default: ${DEFAULT-VALUE}.")
    private String proxyDurability = "memory";

    @Option(names = "--url", description = "A further server that speaks the proxy's protocols, as http://HOST:PORT.")
    private @Nullable URI url;

    @Option(names = "--url-process", description = "Its process on this machine, for its CPU and memory.")
    private List<Long> urlProcesses = List.of();

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
        if (url != null) {
            started.add(new RunningServer(url, urlProcesses));
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
                        proxyDurability,
                        List.of("-jar", proxyJar.toString()),
                        List.of(proxyFlags.split(" ", -1)),
                        proxyConfig);
        };
    }
}
