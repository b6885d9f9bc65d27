package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "token",
        description = {
            "Makes a bearer token, and the entry for 'access.tokens' of the proxy's configuration.",
            "",
            "The token is shown this once and kept nowhere: the entry has a salted hash of it. The proxy takes the entry over at its"
                    + " start or at SIGHUP."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  notify-proxy token --name 'CI of Example' --publish 'sw.example.org'",
            "  notify-proxy token --name jenkins --publish '*.example.org' --subscribe '*' \\",
            "      --token-file /etc/cvmfs/notify.token"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:here it is", "1:the arguments are wrong, or the token's file cannot be written"})
final class TokenCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--name", paramLabel = "NAME", required = true, description = "Who gets it, for the proxy's log.")
    @SuppressWarnings("NullAway.Init") // picocli sets it: it is required
    private String name;

    @Option(
            names = "--publish",
            paramLabel = "PATTERN",
            description =
                    "Repositories whose revisions may be announced with it; '*' stands for any characters. Repeatable.")
    private List<String> publish = new ArrayList<>();

    @Option(
            names = "--subscribe",
            paramLabel = "PATTERN",
            description = "Repositories that may be subscribed to with it, where not everyone may. Repeatable.")
    private List<String> subscribe = new ArrayList<>();

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "Write the token to this new file, readable for its owner only, instead of showing it.")
    private @Nullable Path tokenFile;

    @Option(names = "--json", description = "Print one JSON object: token, or token_file, and entry.")
    private boolean json;

    @Override
    public Integer call() {
        if (publish.isEmpty() && subscribe.isEmpty()) {
            throw new InvalidInputException(
                    "say what the token is for: --publish PATTERN, --subscribe PATTERN or both");
        }
        if (!name.matches("\\P{Cntrl}{1,100}")) {
            throw new InvalidInputException("--name must have 1 to 100 printable characters");
        }
        TokenHash.Minted minted = TokenHash.mint(new SecureRandom());
        ObjectNode entry = entry(minted.hash());
        String token = minted.token().value();
        if (tokenFile != null) {
            write(token, tokenFile);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? json(token, entry) : text(token, entry));
        return ExitCode.OK;
    }

    private ObjectNode entry(TokenHash hash) {
        ObjectNode entry = JsonLine.object().put("name", name).put("hash", hash.toString());
        addPatterns(entry, "publish", publish);
        addPatterns(entry, "subscribe", subscribe);
        return entry;
    }

    private String text(String token, ObjectNode entry) {
        String first = tokenFile == null ? "token, shown only now: " + token : "token: in " + tokenFile;
        return "%s%nentry for access.tokens in config.json:%n%s".formatted(first, JsonLine.of(entry));
    }

    private String json(String token, ObjectNode entry) {
        ObjectNode object = tokenFile == null
                ? JsonLine.object().put("token", token)
                : JsonLine.object().put("token_file", tokenFile.toString());
        return JsonLine.of(object.set("entry", entry));
    }

    private static void addPatterns(ObjectNode entry, String key, List<String> patterns) {
        if (!patterns.isEmpty()) {
            ArrayNode list = entry.putArray(key);
            patterns.forEach(pattern -> list.add(new RepositoryPattern(pattern).text()));
        }
    }

    private static void write(String token, Path file) {
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, token + "\n", StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            throw new InvalidInputException("there is a file %s already".formatted(file), e);
        } catch (IOException | UnsupportedOperationException e) {
            throw new InvalidInputException("cannot write %s: %s".formatted(file, e.getMessage()), e);
        }
    }
}
