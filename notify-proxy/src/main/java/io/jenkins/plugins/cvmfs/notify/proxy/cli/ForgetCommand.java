package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.TokenSource;
import java.util.List;
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

    @Mixin
    private ServerOptions options = new ServerOptions();

    @Parameters(paramLabel = "REPOSITORY", arity = "1..*", description = "Name of a repository.")
    @SuppressWarnings("NullAway.Init") // picocli sets it: it is required
    private List<RepositoryName> repositories;

    @Override
    public Integer call() {
        NotificationServer server = options.server(environment);
        TokenSource token = options.token(environment);
        try (Network network = ServerOptions.openNetwork()) {
            for (RepositoryName repository : repositories) {
                boolean known = forget(network, server, token, repository);
                out().println(known ? "forgot " + repository : repository + " was unknown to " + server);
            }
        }
        return ExitCode.OK;
    }

    private boolean forget(Network network, NotificationServer server, TokenSource token, RepositoryName repository) {
        try {
            return ManifestInput.get(network.forget(server, token, repository));
        } catch (NotifyException e) {
            throw new CommandFailure(
                    ExitCode.PUBLISH_FAILED,
                    "%s not forgotten: %s".formatted(repository, e.getMessage()),
                    options.nextStep(e, "forget", environment),
                    e);
        }
    }
}
