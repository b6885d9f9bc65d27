package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.TokenSource;
import io.jenkins.plugins.cvmfs.notify.proxy.config.SecretFile;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** Which notification server to talk to, and as whom; the same for every command that does. */
final class ServerOptions {

    private static final Logger LOG = LoggerFactory.getLogger(ServerOptions.class);

    /** The same as CVMFS clients have for it, so that one setting does for a machine. */
    static final String SERVER_VARIABLE = "CVMFS_NOTIFICATION_SERVER";

    static final String TOKEN_VARIABLE = "CVMFS_NOTIFICATION_TOKEN";

    @Option(
            names = {"-u", "--server"},
            paramLabel = "URL",
            description = {
                "Notification server, for example http://host:4930/api/v1; the full URL of its publish or subscribe service does"
                        + " too. Default: the environment variable " + SERVER_VARIABLE + "."
            })
    private @Nullable NotificationServer server;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = {
                "File with the bearer token for the server on its only line. Default: the environment variable "
                        + TOKEN_VARIABLE + ", else none. A token is never taken from an argument, which others can see."
            })
    private @Nullable Path tokenFile;

    /** @throws InvalidInputException if no server is named, or its URL is wrong */
    NotificationServer server(Map<String, String> environment) {
        if (server != null) {
            return server;
        }
        String named = environment.getOrDefault(SERVER_VARIABLE, "");
        if (named.isEmpty()) {
            throw new InvalidInputException("no notification server is named; give -u URL or set " + SERVER_VARIABLE);
        }
        return NotificationServer.parse(named);
    }

    /** @throws InvalidInputException if the token's file cannot be read */
    TokenSource token(Map<String, String> environment) {
        if (tokenFile != null) {
            SecretFile.warning(tokenFile).ifPresent(LOG::warn);
            return TokenSource.of(SecretFile.read(tokenFile).value());
        }
        String token = environment.getOrDefault(TOKEN_VARIABLE, "");
        return token.isEmpty() ? TokenSource.NONE : TokenSource.of(token);
    }
}
