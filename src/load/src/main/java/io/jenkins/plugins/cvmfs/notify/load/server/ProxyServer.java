package io.jenkins.plugins.cvmfs.notify.load.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.load.process.ChildProcess;
import io.jenkins.plugins.cvmfs.notify.load.wire.Dialect;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * This project's proxy.
 *
 * @param title what tables call it
 * @param durability what became of a message when a publish is answered
 * @param program how the JVM finds it: {@code -jar FILE}, or a class path and a class
 * @param flags options of the JVM
 * @param config the content of its config.json, without the port; {@code @folder@} stands for a fresh folder
 * @param tls whether it gets a certificate, and the engine
 */
public record ProxyServer(
        String title, String durability, List<String> program, List<String> flags, String config, Tls tls)
        implements ServerKind {

    private static final Duration START = Duration.ofSeconds(30);

    /** The same with a further member in its configuration. */
    ProxyServer with(String member) {
        String more = config.substring(0, config.lastIndexOf('}')) + ", " + member + "}";
        return new ProxyServer(title, durability, program, flags, more, tls);
    }

    @Override
    public Server start() throws IOException {
        Path folder = Files.createTempDirectory("load-proxy");
        return tls == Tls.NONE
                ? startIn(folder)
                : with(tls.member(Certificate.makeIn(folder))).startIn(folder);
    }

    private Server startIn(Path folder) throws IOException {
        Path file =
                Files.writeString(folder.resolve("config.json"), config.replace("@folder@", folder.toString()), UTF_8);
        String[] arguments = Stream.concat(
                        program.stream(),
                        Stream.of(
                                "serve",
                                "--config=" + file,
                                "--port=0",
                                "--bind=127.0.0.1",
                                "--set=access.anonymous_publish=everyone"))
                .toArray(String[]::new);
        ChildProcess process = ChildProcess.start(ChildProcess.java(flags, arguments), folder);
        String address = process.readLine(START).replaceFirst("^listening on ", "");
        return new ProcessServer(process, URI.create(address).getPort(), Dialect.NOTIFY, tls != Tls.NONE);
    }
}
