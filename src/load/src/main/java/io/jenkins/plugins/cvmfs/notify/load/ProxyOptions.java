package io.jenkins.plugins.cvmfs.notify.load;

import io.jenkins.plugins.cvmfs.notify.load.server.ProxyServer;
import io.jenkins.plugins.cvmfs.notify.load.server.ServerKind;
import io.jenkins.plugins.cvmfs.notify.load.server.Tls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Which proxy is measured, and how it is run. */
final class ProxyOptions {

    /** Limits of how often somebody may publish are what a load must pass; all others are in force. */
    private static final String LIMITS =
            "\"log_level\": \"error\", \"limits\": {\"max_connections_per_address\": 20000, \"max_repositories\": 20000, \"publishes_per_second_per_publisher\": 0, \"publishes_per_second_per_repository\": 0}";

    @Option(names = "--proxy-jar", description = "The proxy. Default: that of the same build.")
    private Path jar = builtProxy();

    @Option(names = "--proxy-name", description = "What the samples call it. Default: ${DEFAULT-VALUE}.")
    private String title = "proxy";

    @Option(
            names = "--proxy-flags",
            description = "Options of its JVM. Default, those of the packages: ${DEFAULT-VALUE}.")
    private String flags = "-XX:+UseSerialGC -Xms16m -Xmn8m -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=20"
            + " -XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockExperimentalVMOptions -XX:+UnlockDiagnosticVMOptions"
            + " -XX:TrimNativeHeapInterval=2000 -XX:+UseCompactObjectHeaders -XX:ArchiveRelocationMode=0"
            + " -XX:+ExitOnOutOfMemoryError";

    @Option(names = "--proxy-config", description = "Configuration of the standalone one, JSON.")
    private String config = "{\"standalone\": true, " + LIMITS + "}";

    @Option(
            names = "--variant",
            description =
                    "NAME=OPTIONS: a further standalone proxy beside PROXY or PROXY_TLS, with these options of the JVM after the others;"
                            + " -jar FILE among them names another program.")
    private Map<String, String> variants = new LinkedHashMap<>();

    private static Path builtProxy() {
        Path own = Path.of(System.getProperty("java.class.path")).toAbsolutePath();
        Path top = Path.of("/").relativize(own).getNameCount() > 4
                ? own.resolve("../../../..").normalize()
                : own;
        return top.resolve("notify-proxy/target/notify-proxy.jar");
    }

    /** Standalone, without a journal. */
    ProxyServer inMemory() {
        return proxy("", "memory", config, Tls.NONE);
    }

    /** Standalone, with a journal in a fresh folder. */
    ProxyServer withJournal() {
        return proxy(
                ", fsync",
                "fsync",
                "{\"standalone\": true, \"state_dir\": \"@folder@/state\", " + LIMITS + "}",
                Tls.NONE);
    }

    ProxyServer forBroker() {
        return proxy(", RabbitMQ", "stream", "{" + LIMITS + "}", Tls.NONE);
    }

    ProxyServer withTls(Tls engine) {
        return proxy(engine == Tls.JDK ? ", TLS" : ", native TLS", "memory", config, engine);
    }

    ProxyServer behindNginx() {
        return proxy(", nginx TLS", "memory", config, Tls.NONE);
    }

    private ProxyServer proxy(String suffix, String durability, String itsConfig, Tls tls) {
        return new ProxyServer(
                title + suffix, durability, List.of("-jar", jar.toString()), options(flags), itsConfig, tls);
    }

    /** @param tls whether they get a certificate, and the engine */
    List<ServerKind> variants(Tls tls) {
        List<ServerKind> all = new ArrayList<>();
        variants.forEach((name, options) -> {
            List<String> words = new ArrayList<>(options(flags));
            words.addAll(options(options));
            int at = words.indexOf("-jar");
            String program = at < 0 ? jar.toString() : words.get(at + 1);
            if (at >= 0) {
                words.subList(at, at + 2).clear();
            }
            all.add(new ProxyServer(name, "memory", List.of("-jar", program), words, config, tls));
        });
        return all;
    }

    private static List<String> options(String text) {
        return Arrays.stream(text.split(" ", -1))
                .filter(word -> !word.isEmpty())
                .toList();
    }
}
