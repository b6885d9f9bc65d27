package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "token",
        description = {
            "Creates a bearer token and prints what to do on both sides: the entry for the server's configuration, and the commands that"
                    + " store the token on a publisher and publish with it.",
            "",
            "The token is shown only once and stored nowhere: the entry has a salted hash of it. The server reads the entry at start and"
                    + " on SIGHUP."
        },
        footer = {
            "  notify-proxy token --name 'CI of Example' --publish 'sw.example.org' \\",
            "      --server http://notify.example.org:4930/api/v1",
            "  notify-proxy token --name jenkins --publish '*.example.org' --subscribe '*' \\",
            "      --token-file /etc/cvmfs/notify.token"
        },
        exitCodeList = {"0:the token was created", "1:the arguments are wrong, or the token's file cannot be written"})
final class TokenCommand extends RootCommand.Base {

    /** The token's place on a publisher, which may have nothing else of this program. */
    private static final String PLACE = "/etc/cvmfs/notify.token";

    @Option(
            names = "--name",
            paramLabel = "NAME",
            required = true,
            description = "Name of its owner, for the proxy's log.")
    @SuppressWarnings("NullAway.Init") // picocli sets it: it is required
    private String name;

    @Option(
            names = "--publish",
            paramLabel = "PATTERN",
            description =
                    "Repositories whose revisions may be announced with it; '*' matches any characters. Repeatable.")
    private List<String> publish = new ArrayList<>();

    @Option(
            names = "--subscribe",
            paramLabel = "PATTERN",
            description = "Repositories that may be subscribed to with it, if not everyone may. Repeatable.")
    private List<String> subscribe = new ArrayList<>();

    @Option(
            names = "--forget",
            paramLabel = "PATTERN",
            description = "Repositories that may be forgotten with it. Repeatable.")
    private List<String> forget = new ArrayList<>();

    @Option(
            names = "--refresh",
            paramLabel = "PATTERN",
            description =
                    "Repositories that the server may be asked to read and announce with it, by a webhook. Repeatable.")
    private List<String> refresh = new ArrayList<>();

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Write the token to this new file, readable only by its owner, instead of printing it.")
    private @Nullable Path tokenFile;

    @Option(
            names = {"-u", "--server"},
            paramLabel = "URL",
            description =
                    "The server's URL for publishers, for the printed commands. Default: this machine's name, port 4930.")
    private @Nullable NotificationServer server;

    @Option(names = "--json", description = "Print one JSON object: token, or token_file, and entry.")
    private boolean json;

    @Override
    public Integer call() {
        if (publish.isEmpty() && subscribe.isEmpty() && forget.isEmpty() && refresh.isEmpty()) {
            throw new InvalidInputException(
                    "give the token a right: --publish, --subscribe, --forget or --refresh PATTERN, or several of them");
        }
        if (!name.matches("\\P{Cntrl}{1,100}")) {
            throw new InvalidInputException("--name must have 1 to 100 printable characters");
        }
        TokenHash.Minted minted = TokenHash.mint();
        ObjectNode entry = entry(minted.hash());
        String token = minted.token().value();
        if (tokenFile != null) {
            new Secret(token).writeTo(tokenFile);
        }
        out().println(json ? json(token, entry) : text(token, entry));
        return ExitCode.OK;
    }

    private ObjectNode entry(TokenHash hash) {
        ObjectNode entry = Output.object().put("name", name).put("hash", hash.toString());
        addPatterns(entry, "publish", publish);
        addPatterns(entry, "subscribe", subscribe);
        addPatterns(entry, "forget", forget);
        addPatterns(entry, "refresh", refresh);
        return entry;
    }

    private String text(String token, ObjectNode entry) {
        String keep = tokenFile == null
                ? "On the other side, store the token, which is printed only now, readable only by the user who needs it:%n(umask 077; echo %s > %s)"
                        .formatted(token, PLACE)
                : "On the other side, store the token, which is in %s, readable only by the user who needs it:%ninstall -m 600 %1$s %s"
                        .formatted(tokenFile, PLACE);
        return """
                On the server, add this to "access": { "tokens": [ ] } in %s, then: systemctl reload cvmfs-notify
                %s
                %s
                Then:
                %s""".formatted(ConfigLoader.DEFAULT_FILE, entry, keep, use());
    }

    private String use() {
        String at = server == null
                ? "http://%s:%d/api/v1".formatted(hostName(), ProxyConfig.DEFAULT_PORT)
                : server.toString();
        if (publish.isEmpty() && subscribe.isEmpty() && forget.isEmpty()) {
            return "curl -fsS -X POST %s/repositories/%s/refresh/TOKEN".formatted(at, quoted(refresh.get(0)));
        }
        if (publish.isEmpty() && subscribe.isEmpty()) {
            return "notify-proxy forget --server %s --token-file %s %s".formatted(at, PLACE, quoted(forget.get(0)));
        }
        return publish.isEmpty()
                ? "notify-proxy subscribe --server %s --token-file %s --topic %s"
                        .formatted(at, PLACE, quoted(subscribe.get(0)))
                : "notify-proxy publish --server %s --token-file %s --repository REPOSITORY".formatted(at, PLACE);
    }

    private static String quoted(String pattern) {
        return pattern.contains("*") ? "REPOSITORY" : pattern;
    }

    /** Returns a name by which other machines may know this one. */
    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getCanonicalHostName();
        } catch (UnknownHostException e) {
            return "HOST";
        }
    }

    private String json(String token, ObjectNode entry) {
        ObjectNode object = tokenFile == null
                ? Output.object().put("token", token)
                : Output.object().put("token_file", tokenFile.toString());
        return object.set("entry", entry).toString();
    }

    private static void addPatterns(ObjectNode entry, String key, List<String> patterns) {
        if (!patterns.isEmpty()) {
            ArrayNode list = entry.putArray(key);
            patterns.forEach(pattern -> list.add(new RepositoryPattern(pattern).text()));
        }
    }
}
