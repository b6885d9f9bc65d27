package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.Obstacle;
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

    /** The variable that CVMFS clients read, too. */
    static final String SERVER_VARIABLE = "CVMFS_NOTIFICATION_SERVER";

    static final String TOKEN_VARIABLE = "CVMFS_NOTIFICATION_TOKEN";

    static final String NO_SERVICE = "Is it the address of a notification server, such as http://host:4930/api/v1?";

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

    /**
     * Returns what to do when the server cannot be used.
     *
     * @param right what the command needs there: publish, subscribe or forget
     */
    String nextStep(NotifyException failure, String right, Map<String, String> environment) {
        boolean publishes = right.equals("publish");
        return switch (Obstacle.of(failure)) {
            case UNKNOWN_HOST ->
                viaProxy(environment)
                        + "Is the host name right? 'getent hosts NAME' shows what this machine knows of it.";
            case NOT_LISTENING ->
                viaProxy(environment)
                        + "Is the server running, and is its address right? You can try again at any time.";
            case SILENT ->
                viaProxy(environment)
                        + "Is the address right, does a firewall drop the connection, or is the server overloaded?"
                        + " 'curl -v URL' shows where it stops.";
            case CUT_OFF ->
                viaProxy(environment)
                        + "Is that port for https, or for another program? The server's log may say more.";
            case TLS ->
                "Does that port speak TLS, is the certificate for this host name, and does Java trust its authority?"
                        + " 'java -Djavax.net.ssl.trustStore=FILE -jar …' trusts others.";
            case HTTP_PROXY ->
                viaProxy(environment)
                        + "Allow this at the HTTP proxy, or reach the server directly: -Dhttp.nonProxyHosts=HOST before -jar.";
            case CREDENTIALS ->
                "Give a token with the right '%s' with --token-file or %s%s. For a server at a loopback address the local token in %s is used, if you may read it or run the service."
                        .formatted(
                                right,
                                TOKEN_VARIABLE,
                                publishes ? ", or a gateway's key with --gateway-key" : "",
                                LocalToken.INSTALLED);
            case RIGHT ->
                publishes
                        ? "The server knows who asks. What is missing stands above: the right 'publish' of the token or key"
                                + " (access.tokens there), or a signature that it trusts ('notify-proxy verify')."
                        : "Give a token with the right '%s' for the repository; the server's configuration has it under access.tokens."
                                .formatted(right);
            case INVALID ->
                "Is the manifest complete, and is it the address of a notification server? The server's log has the reason.";
            case TOO_LARGE ->
                "The server, or what stands in front of it, takes no message of this length; notify-proxy's limit is"
                        + " limits.max_message_bytes.";
            case TOO_MANY ->
                "The server is up and limits how often one sender may %s: try again later%s."
                        .formatted(right, publishes ? ", or give a longer --timeout" : "");
            case UNAVAILABLE ->
                "The server is up, but cannot do it now: try again later%s. Its log has the reason."
                        .formatted(publishes ? ", or give a longer --timeout" : "");
            case SERVER_BEHIND ->
                viaProxy(environment)
                        + "What stands in front of the server, such as a load balancer, does not reach it: is it running?";
            case LOOP -> "In one of these relays, upstream.url leads back to another: correct it there.";
            case NO_SERVICE, OTHER -> NO_SERVICE;
        };
    }

    /** Names the HTTP proxy on the way to the server, which is easily forgotten. */
    private String viaProxy(Map<String, String> environment) {
        return httpProxy(URI.create(server(environment).toString()))
                .map(proxy -> "The way leads through the HTTP proxy %s of Java's settings. "
                        .formatted(String.valueOf(proxy.address()).replaceFirst("/.*(?=:)|<unresolved>", "")))
                .orElse("");
    }

    private static Optional<Proxy> httpProxy(URI server) {
        return ProxySelector.getDefault().select(server).stream()
                .filter(proxy -> proxy.type() != Proxy.Type.DIRECT)
                .findFirst();
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
            Secret.warning(tokenFile).ifPresent(text -> log().warn(text));
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
                && httpProxy(server).isEmpty();
    }

    private static boolean isLoopback(String host) {
        try {
            return Arrays.stream(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** Returns the logger, which is made only for a warning: a command that announces starts faster without. */
    private static Logger log() {
        return LoggerFactory.getLogger(ServerOptions.class);
    }

    /** A user who may not read the service's local token has none. */
    private static TokenSource localToken(Map<String, String> environment) {
        try {
            return LocalToken.place(environment)
                    .flatMap(LocalToken::read)
                    .map(token -> TokenSource.of(token.value()))
                    .orElse(TokenSource.NONE);
        } catch (InvalidInputException e) {
            log().atWarn().addKeyValue("reason", e.getMessage()).log("local token not used");
            return TokenSource.NONE;
        }
    }
}
