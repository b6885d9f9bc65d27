package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.nio.file.Path;
import java.util.List;

/**
 * A key of the repository gateway, with which its publishers sign what they announce.
 *
 * @param file holds the line {@code plain_text ID SECRET}, as {@code /etc/cvmfs/keys/NAME.gw}
 * @param grants what its holder may do
 */
public record GatewayKeyConfig(Path file, Grants grants) {

    private static final String SUFFIX = ".gw";

    /** Without {@code publish} the key is for the repository after which its file is called. */
    static GatewayKeyConfig from(ListEntry entry) {
        Path file = entry.get(AccessKeys.FILE)
                .orElseThrow(() -> new InvalidInputException("file: is empty; expected a file such as NAME.gw"));
        List<RepositoryPattern> publish = entry.get(AccessKeys.PUBLISH);
        return new GatewayKeyConfig(file, new Grants(publish.isEmpty() ? named(file) : publish, List.of()));
    }

    private static List<RepositoryPattern> named(Path file) {
        String name = String.valueOf(file.getFileName());
        if (!name.endsWith(SUFFIX) || name.length() == SUFFIX.length()) {
            throw new InvalidInputException(
                    "publish: is not given, and %s is not called NAME.gw after a repository".formatted(file));
        }
        return List.of(new RepositoryPattern(name.substring(0, name.length() - SUFFIX.length())));
    }
}
