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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "forget",
        description = {
            "Makes the server forget the last announcement of repositories that no longer exist.",
            "",
            "All proxies on the same broker forget it, also after a restart. Subscribers stay subscribed and get the next"
                    + " announcement. The token needs the right 'forget' for the repository."
        },
        footer = {
            "  notify-proxy forget -u http://notify.example.org:4930/api/v1 \\",
            "      --token-file /etc/cvmfs/admin.token old.example.org"
        },
        exitCodeList = {
            "0:they are forgotten, or were unknown",
            "1:the arguments are wrong",
            "9:the server refused, or cannot be reached"
        })
final class ForgetCommand extends RootCommand.Base {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERROR = 500;

    @Mixin
    private ServerOptions options = new ServerOptions();

    @Parameters(paramLabel = "REPOSITORY", arity = "1..*", description = "Name of a repository.")
    @SuppressWarnings("NullAway.Init") // picocli sets it: it is required
    private List<RepositoryName> repositories;

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
                    "%s not forgotten: cannot reach %s%s".formatted(repository, server, because(e)),
                    "Is the server running, and is its address right? You can try again at any time.",
                    e);
        }
        report(repository, server, answer);
    }

    private static String because(IOException failure) {
        return failure.getMessage() == null ? "" : ": " + failure.getMessage();
    }

    private void report(RepositoryName repository, NotificationServer server, HttpResponse<String> answer) {
        boolean unknown = answer.statusCode() == NOT_FOUND && answer.body().contains("unknown_repository");
        if (answer.statusCode() != OK && !unknown) {
            String detail = answer.headers().firstValue("X-Cvmfs-Notify-Detail").orElse(answer.body());
            throw new CommandFailure(
                    ExitCode.PUBLISH_FAILED,
                    "%s not forgotten: %s answered %d: %s".formatted(repository, server, answer.statusCode(), detail),
                    nextStep(answer.statusCode()),
                    null);
        }
        out().println(unknown ? repository + " was unknown to " + server : "forgot " + repository);
    }

    private static String nextStep(int status) {
        if (status == UNAUTHORIZED || status == FORBIDDEN) {
            return "Give a token with the right 'forget' for it with --token-file or " + ServerOptions.TOKEN_VARIABLE
                    + ".";
        }
        return status >= SERVER_ERROR || status == TOO_MANY
                ? "The server is up, but cannot do it now: try again later. Its log has the reason."
                : PublishCommand.NO_SERVICE;
    }
}
