package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code repositories.d/NAME/client.conf} says of a repository on a machine that publishes or replicates it: where it is
 * served. The file is read as CernVM-FS reads it for {@code cvmfs_swissknife notify}: lines {@code KEY=VALUE}, no shell.
 */
final class ClientConfig {

    /** Where CernVM-FS keeps its configuration. */
    static final Path ETC = Path.of("/etc/cvmfs");

    private static final Pattern SERVER_URL =
            Pattern.compile("\\s*(?:export\\s+|readonly\\s+)?CVMFS_SERVER_URL\\s*=\\s*([^#]*?)\\s*(?:#.*)?");
    private static final Pattern QUOTED = Pattern.compile("\"(.*)\"|'(.*)'");

    private ClientConfig() {}

    /**
     * The servers of a repository, the best first; empty if the machine does not say.
     *
     * @param etc the folder that holds {@code repositories.d}
     * @throws InvalidInputException if the file cannot be read, or what stands there is no URL
     */
    static List<RepositoryLocation> servers(Path etc, RepositoryName repository) {
        Path file = file(etc, repository);
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            String urls = "";
            for (String line : Files.readAllLines(file, ISO_8859_1)) {
                Matcher matcher = SERVER_URL.matcher(line);
                urls = matcher.matches() ? unquoted(matcher.group(1)) : urls;
            }
            return parse(urls, repository);
        } catch (IOException e) {
            throw new InvalidInputException("cannot read %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** Where the servers of this repository stand. */
    static Path file(Path etc, RepositoryName repository) {
        return etc.resolve("repositories.d").resolve(repository.value()).resolve("client.conf");
    }

    /**
     * Reads the value of {@code CVMFS_SERVER_URL}: URLs with {@code ;} or {@code |} between them, in which {@code @fqrn@} stands
     * for the repository's name and {@code @org@} for its first part.
     *
     * @throws InvalidInputException if one is no URL
     */
    static List<RepositoryLocation> parse(String urls, RepositoryName repository) {
        String name = repository.value();
        String organisation = name.split("\\.", 2)[0];
        return Arrays.stream(urls.split("[;|]"))
                .map(String::strip)
                .filter(url -> !url.isEmpty())
                .map(url -> url.replace("@fqrn@", name).replace("@org@", organisation))
                .map(RepositoryLocation::parse)
                .toList();
    }

    private static String unquoted(String value) {
        Matcher matcher = QUOTED.matcher(value);
        return matcher.matches() ? value.substring(1, value.length() - 1) : value;
    }
}
