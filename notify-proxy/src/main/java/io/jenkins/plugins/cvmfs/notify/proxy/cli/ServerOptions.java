package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.TokenSource;
import io.jenkins.plugins.cvmfs.notify.proxy.admin.BuildInfo;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LocalToken;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** The options for the notification server and the token; the same for every command that needs them. */
final class ServerOptions {

    private static final Logger LOG = LoggerFactory.getLogger(ServerOptions.class);

    /** The variable that CVMFS clients read, too. */
    static final String SERVER_VARIABLE = "CVMFS_NOTIFICATION_SERVER";

    static final String TOKEN_VARIABLE = "CVMFS_NOTIFICATION_TOKEN";

    private static final Pattern LOOPBACK = Pattern.compile("127(\\.[0-9]{1,3}){3}|\\[::1]");

    @Option(
            names = {"-u", "--server"},
            paramLabel = "URL",
            description = {
                "Notification server, for example http://host:4930/api/v1, or the full URL of its publish or subscribe service."
                        + " Default: the environment variable " + SERVER_VARIABLE + "."
            })
    private @Nullable NotificationServer server;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = {
                "File with the bearer token for the server on its only line. Default: the environment variable "
                        + TOKEN_VARIABLE
                        + "; for a server at a loopback address, else the local token of this machine. There is no option"
                        + " for the token itself: other users can see arguments."
            })
    private @Nullable Path tokenFile;

    /** Returns the file of the token, if one is given. */
    Optional<Path> tokenFile() {
        return Optional.ofNullable(tokenFile);
    }

    /** Opens what the commands reach servers through, with the JVM's settings for HTTP proxies and TLS. Closed by the command. */
    static Network openNetwork() {
        return Network.builder()
                .userAgent("notify-proxy/" + BuildInfo.version())
                .build();
    }

    boolean isGiven(Map<String, String> environment) {
        return server != null || !environment.getOrDefault(SERVER_VARIABLE, "").isEmpty();
    }

    /** @throws InvalidInputException if no server is given, or its URL is wrong */
    NotificationServer server(Map<String, String> environment) {
        if (server != null) {
            return server;
        }
        if (!isGiven(environment)) {
            throw new InvalidInputException("no notification server: give -u URL or set " + SERVER_VARIABLE);
        }
        return NotificationServer.parse(environment.getOrDefault(SERVER_VARIABLE, ""));
    }

    /**
     * Returns the given token, else the local one of this machine if the server is at a loopback address.
     *
     * @throws InvalidInputException if the token's file cannot be read
     */
    TokenSource token(Map<String, String> environment) {
        if (tokenFile != null) {
            Secret.warning(tokenFile).ifPresent(LOG::warn);
            return TokenSource.of(Secret.read(tokenFile).value());
        }
        String token = environment.getOrDefault(TOKEN_VARIABLE, "");
        if (!token.isEmpty()) {
            return TokenSource.of(token);
        }
        return isOnThisMachine(URI.create(server(environment).toString())) ? localToken(environment) : TokenSource.NONE;
    }

    /**
     * Tells whether a request certainly stays on this machine: other names may resolve to any address, now or at the time of the
     * connection, and an HTTP proxy would see the token.
     */
    static boolean isOnThisMachine(URI server) {
        String host = String.valueOf(server.getHost());
        return (LOOPBACK.matcher(host).matches() || (host.equalsIgnoreCase("localhost") && isLoopback(host)))
                && ProxySelector.getDefault().select(server).stream()
                        .allMatch(proxy -> proxy.type() == Proxy.Type.DIRECT);
    }

    private static boolean isLoopback(String host) {
        try {
            return Arrays.stream(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** A user who may not read the service's local token has none. */
    private static TokenSource localToken(Map<String, String> environment) {
        try {
            return LocalToken.place(environment)
                    .flatMap(LocalToken::read)
                    .map(token -> TokenSource.of(token.value()))
                    .orElse(TokenSource.NONE);
        } catch (InvalidInputException e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("local token not used");
            return TokenSource.NONE;
        }
    }
}
