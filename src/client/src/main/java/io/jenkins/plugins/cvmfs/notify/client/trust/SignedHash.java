package io.jenkins.plugins.cvmfs.notify.client.trust;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.SignedText;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict.Reason;

/** The line between a text and its signature: the hash of the one, and what the other signs. */
final class SignedHash {

    private SignedHash() {}

    /**
     * The bytes that the signature is over.
     *
     * @param file what the text is, for the explanation
     * @throws Rejection with the reason given if there is no such line, or it is not the hash of the text
     */
    static byte[] of(SignedText signed, String file, Reason reason) throws Rejection {
        String printed = signed.hashLine()
                .orElseThrow(() -> new Rejection(reason, file + " is not signed: it has no line '--'"));
        ContentHash computed = ContentHash.of(read(printed, file, reason).algorithm(), signed.text());
        if (!computed.toString().equals(printed)) {
            throw new Rejection(
                    reason, "%s was changed: its text has hash %s, signed was %s".formatted(file, computed, printed));
        }
        return printed.getBytes(US_ASCII);
    }

    private static ContentHash read(String printed, String file, Reason reason) throws Rejection {
        try {
            return ContentHash.parse(printed);
        } catch (InvalidInputException e) {
            throw new Rejection(reason, "%s has no hash after '--', but '%s'".formatted(file, Excerpt.of(printed)), e);
        }
    }
}
