package io.jenkins.plugins.cvmfs.notify.client.trust;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import java.util.Locale;
import java.util.Optional;

/**
 * The way whitelists and blacklists write the hash of a certificate's DER: pairs of hexadecimal digits with colons, perhaps a
 * suffix such as {@code -RMD160}, in upper or lower case, then perhaps a blank or {@code #} and a remark.
 */
final class Fingerprint {

    private Fingerprint() {}

    /** The hash on the line; empty if there is none, as on a line with a remark only. */
    static Optional<ContentHash> parse(String line) {
        String hash = line.split("[ \t#]", 2)[0].replace(":", "").toLowerCase(Locale.ROOT);
        try {
            return Optional.of(ContentHash.parse(hash));
        } catch (InvalidInputException notAHash) {
            return Optional.empty();
        }
    }
}
