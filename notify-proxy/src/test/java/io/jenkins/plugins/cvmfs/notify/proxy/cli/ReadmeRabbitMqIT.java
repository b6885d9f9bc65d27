package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker set up by the README's commands is one that the proxy of the README's commands works with. */
@NeedsRabbitMq(owned = true)
class ReadmeRabbitMqIT {

    private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");

    @TempDir
    Path folder;

    @Test
    void theProxyBecomesReadyWithTheRightsOfTheReadme(OwnedBroker broker) throws IOException, InterruptedException {
        ReadmeText section = ReadmeText.read().section("With RabbitMQ");
        String password = makePassword(section);
        section.commandsThatBegin("rabbitmqctl ")
                .map(line -> line.replace("\"$(cat amqp.pass)\"", password))
                .forEach(line -> broker.ctl(words(ofThisTest(line))));
        String serve = section.commandsThatBegin("echo ").collect(Collectors.joining("\n"))
                + "\n"
                + section.commandsThatBegin("notify-proxy ")
                        .collect(Collectors.joining("\n"))
                        .replace(
                                "notify-proxy serve", "exec java -jar $PWD/notify-proxy/target/notify-proxy.jar serve");
        Map<String, String> environment = Map.of(
                "CVMFS_NOTIFY_AMQP_PORT",
                String.valueOf(broker.amqp().port()),
                "CVMFS_NOTIFY_AMQP_VHOST",
                "/cvmfs-readme");

        try (ReadmeShell shell = ReadmeShell.run(folder, environment, ofThisTest(serve))) {
            URI ready = URI.create("http://localhost:%d/readyz".formatted(shell.port()));

            Awaitility.await("ready")
                    .atMost(JarProcess.LIMIT)
                    .ignoreExceptions()
                    .untilAsserted(() -> {
                        assertThat(shell.process().isAlive())
                                .as(shell.everything())
                                .isTrue();
                        HttpResponse<String> answer = HttpClient.newHttpClient()
                                .send(HttpRequest.newBuilder(ready).build(), BodyHandlers.ofString());
                        assertThat(answer.statusCode()).as(shell.everything()).isEqualTo(200);
                        assertThat(answer.body()).contains("stream");
                    });
        }
    }

    /** By the README's own command, so that its order of commands is tried too. */
    private String makePassword(ReadmeText section) throws IOException, InterruptedException {
        String command = section.commandsThatBegin("(umask ").collect(Collectors.joining("\n"));
        try (ReadmeShell shell = ReadmeShell.run(folder, Map.of(), command)) {
            shell.succeeds();
        }
        String password = Files.readString(folder.resolve("amqp.pass")).strip();
        assertThat(password).hasSizeGreaterThan(20);
        return password;
    }

    /** The broker is shared with other tests, so the user and the virtual host get names of their own. */
    private static String ofThisTest(String command) {
        return command.replace("worker", "readme-worker").replaceAll("/cvmfs\\b(?!-)", "/cvmfs-readme");
    }

    private static String[] words(String command) {
        List<String> words = WORD.matcher(command)
                .results()
                .map(word ->
                        word.group(1) != null ? word.group(1) : word.group(2) != null ? word.group(2) : word.group(3))
                .toList();
        return words.subList(1, words.size()).toArray(String[]::new);
    }
}
