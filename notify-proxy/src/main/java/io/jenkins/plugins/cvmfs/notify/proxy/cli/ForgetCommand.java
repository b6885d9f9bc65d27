package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Has a notification server forget repositories. */
@Command(
        name = "forget",
        description = {
            "Forget the last announcement of repositories that are gone.",
            "",
            "All proxies on the same broker forget it, and do not remember it after a restart. Subscribers stay subscribed; the next"
                    + " announcement counts as ever. The token needs the right 'forget' for the repository."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  notify-proxy forget -u http://notify.example.org:4930/api/v1 \\",
            "      --token-file /etc/cvmfs/admin.token old.example.org"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:they are forgotten, or were not known",
            "1:the arguments are wrong",
            "9:the server did not do it"
        })
final class ForgetCommand implements Callable<Integer> {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;

    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private ServerOptions options = new ServerOptions();

    @Parameters(paramLabel = "REPOSITORY", arity = "1..*", description = "Name of a repository.")
    @SuppressWarnings("NullAway.Init") // picocli sets it: it is required
    private List<RepositoryName> repositories;

    ForgetCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws InterruptedException {
        NotificationServer server = options.server(environment);
        String token = options.token(environment).token().orElse(null);
        HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
        for (RepositoryName repository : repositories) {
            forget(repository, server, token, http);
        }
        return ExitCode.OK;
    }

    private void forget(RepositoryName repository, NotificationServer server, @Nullable String token, HttpClient http)
            throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(server.apiUrl() + "/repositories/" + repository + "/forget"))
                .timeout(TIMEOUT)
                .POST(BodyPublishers.noBody());
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        HttpResponse<String> answer;
        try {
            answer = http.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.PUBLISH_FAILED,
                    "%s not forgotten: cannot reach %s: %s".formatted(repository, server, e),
                    PublishCommand.NO_SERVICE,
                    e);
        }
        say(repository, server, answer);
    }

    private void say(RepositoryName repository, NotificationServer server, HttpResponse<String> answer) {
        boolean unknown = answer.statusCode() == NOT_FOUND && answer.body().contains("unknown_repository");
        if (answer.statusCode() != OK && !unknown) {
            String detail = answer.headers().firstValue("X-Cvmfs-Notify-Detail").orElse(answer.body());
            throw new CommandFailure(
                    ExitCode.PUBLISH_FAILED,
                    "%s not forgotten: %s answered %d: %s".formatted(repository, server, answer.statusCode(), detail),
                    nextStep(answer.statusCode()),
                    null);
        }
        spec.commandLine()
                .getOut()
                .println(unknown ? repository + " was not known to " + server : "forgot " + repository);
    }

    private static String nextStep(int status) {
        return status == UNAUTHORIZED || status == FORBIDDEN
                ? "Give a token with the right 'forget' for it with --token-file or " + ServerOptions.TOKEN_VARIABLE
                        + "."
                : "";
    }
}
