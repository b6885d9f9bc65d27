package io.jenkins.plugins.cvmfs.notify;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A notify-proxy in a process of its own, without RabbitMQ. It keeps what it was told, and its port, over a restart. */
final class ProxyProcess {

    private final Path log;
    private final Path state;
    private Process process;
    private final List<String> options;
    private int port;

    /** @param options of the command line, besides those for a port and a folder of its own */
    ProxyProcess(Path folder, List<String> options) {
        this.options = options;
        this.log = folder.resolve("proxy.log");
        this.state = folder.resolve("state");
    }

    void start() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                System.getProperty("notify-proxy.jar"),
                "serve",
                "--standalone",
                "--set=access.anonymous_publish=everyone",
                "--bind=127.0.0.1",
                "--port=" + port,
                "--state-dir=" + state));
        command.addAll(options);
        process = new ProcessBuilder(command).redirectError(log.toFile()).start();
        BufferedReader out = process.inputReader();
        String line = out.readLine();
        if (line == null || !line.startsWith("listening on http://")) {
            throw new IOException("the proxy does not start: " + line + "\n" + Files.readString(log));
        }
        port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
    }

    /** Kills it. */
    void stop() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    int subscribers() throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url() + "/metrics")).build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofLines())
                .body()
                .filter(line -> line.startsWith("cvmfs_notify_subscribers{"))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(line.indexOf("} ") + 2)))
                .sum();
    }
}
