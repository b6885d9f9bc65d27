package io.jenkins.plugins.cvmfs.notify.client.trust;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ManifestFormatException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryFile;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.manifest.SignedText;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict.Reason;
import java.time.Clock;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the signature of a manifest. The chain is: a master key signed the whitelist, the whitelist names the certificate,
 * the certificate's key signed the manifest. The checks follow {@code manifest_fetch.cc} of CernVM-FS in its order and are
 * stricter in three points: neither MD5 nor keys other than RSA are accepted, and the fields that are used must be well formed.
 *
 * <p>Immutable and thread-safe. {@link #verify} reads at most two files from its source, the certificate (at most 64 KB) and
 * then the whitelist (at most 128 KB), and blocks as long as the source does.
 */
public final class ManifestVerifier {

    private static final String WHITELIST = RepositoryFile.WHITELIST.path();

    private final MasterKeys masterKeys;
    private final Blacklist blacklist;
    private final Clock clock;

    /**
     * Makes a verifier for all repositories whose whitelists these keys sign.
     *
     * @param clock compared with the expiry of whitelists
     */
    public ManifestVerifier(MasterKeys masterKeys, Blacklist blacklist, Clock clock) {
        this.masterKeys = masterKeys;
        this.blacklist = blacklist;
        this.clock = clock;
    }

    /**
     * Verifies a manifest. The checks run in the order of {@link Reason} and stop at the first that fails.
     *
     * @param expected the repository that the manifest must belong to
     * @param published the whole {@code .cvmfspublished}
     * @param source reads the certificate and the whitelist of this repository
     * @return the verdict; the same input gives the same verdict until a file changes or the whitelist expires
     * @throws NotifyException from the source, unchanged: a file could not be read, so there is no verdict
     */
    public Verdict verify(RepositoryName expected, byte[] published, TrustSource source) {
        try {
            return check(expected, SignedText.parse(published), source);
        } catch (Rejection e) {
            return new Verdict.Rejected(e.reason, e.explanation);
        }
    }

    /** Ends the checks at the first that fails; becomes the verdict. */
    static final class Rejection extends Exception {

        private static final long serialVersionUID = 1L;

        private final Reason reason;
        private final String explanation;

        Rejection(Reason reason, String explanation) {
            this(reason, explanation, null);
        }

        Rejection(Reason reason, String explanation, @Nullable Throwable cause) {
            super(explanation, cause, false, false);
            this.reason = reason;
            this.explanation = explanation;
        }
    }

    private Verdict.Trusted check(RepositoryName expected, SignedText signed, TrustSource source) throws Rejection {
        Manifest manifest = read(signed);
        requireRepository(expected, manifest);
        SigningCertificate certificate = SigningCertificate.load(certificateOf(manifest), source);
        requireSignature(signed, certificate);
        Whitelist whitelist = whitelist(expected, source);
        requireListed(certificate, whitelist);
        requireRevision(expected, manifest.revision());
        return new Verdict.Trusted(manifest, certificate.signer(), whitelist.expires());
    }

    private static Manifest read(SignedText signed) throws Rejection {
        try {
            return Manifest.parse(signed);
        } catch (ManifestFormatException e) {
            throw new Rejection(Reason.UNREADABLE_MANIFEST, "manifest cannot be read: " + e.getMessage(), e);
        }
    }

    private static void requireRepository(RepositoryName expected, Manifest manifest) throws Rejection {
        if (!expected.equals(manifest.repository())) {
            String found = manifest.repository() == null ? "names no repository" : "is of " + manifest.repository();
            throw new Rejection(Reason.WRONG_NAME, "manifest %s, expected %s".formatted(found, expected));
        }
        if (!manifest.isOfRoot()) {
            throw new Rejection(
                    Reason.NOT_ROOT, "manifest is of a subtree: line R has %s".formatted(manifest.rootPathHash()));
        }
    }

    private static ContentHash certificateOf(Manifest manifest) throws Rejection {
        ContentHash hash = manifest.certificate();
        if (hash == null) {
            throw new Rejection(Reason.BAD_CERTIFICATE, "manifest names no certificate: it has no line X");
        }
        return hash;
    }

    private static void requireSignature(SignedText signed, SigningCertificate certificate) throws Rejection {
        byte[] hash = signedHash(signed, "manifest", Reason.BAD_SIGNATURE);
        if (!certificate.signed(hash, signed.signature())) {
            throw new Rejection(
                    Reason.BAD_SIGNATURE,
                    "manifest was not signed with the key of its certificate, " + certificate.signer());
        }
    }

    /**
     * Returns the bytes that the signature is over: the line below the text, after comparing it with the hash of the text.
     *
     * @param file the file's name for the explanation
     */
    private static byte[] signedHash(SignedText signed, String file, Reason reason) throws Rejection {
        String printed = signed.hashLine()
                .orElseThrow(() -> new Rejection(reason, file + " is not signed: it has no line '--'"));
        ContentHash computed;
        try {
            computed = ContentHash.of(ContentHash.parse(printed).algorithm(), signed.text());
        } catch (InvalidInputException e) {
            throw new Rejection(reason, "%s has no hash after '--', but '%s'".formatted(file, Excerpt.of(printed)), e);
        }
        if (!computed.toString().equals(printed)) {
            throw new Rejection(
                    reason, "%s was changed: its text has hash %s, signed was %s".formatted(file, computed, printed));
        }
        return printed.getBytes(US_ASCII);
    }

    private Whitelist whitelist(RepositoryName expected, TrustSource source) throws Rejection {
        Whitelist whitelist = readWhitelist(source);
        Instant now = clock.instant();
        if (whitelist.isExpired(now)) {
            throw new Rejection(
                    Reason.EXPIRED_WHITELIST,
                    "%s expired at %s, now is %s".formatted(WHITELIST, whitelist.expires(), now));
        }
        if (!expected.equals(whitelist.repository())) {
            throw new Rejection(
                    Reason.WRONG_WHITELIST,
                    "%s is of %s, expected %s".formatted(WHITELIST, whitelist.repository(), expected));
        }
        if (whitelist.pkcs7() || whitelist.certificateChain()) {
            throw new Rejection(
                    Reason.UNSUPPORTED_WHITELIST,
                    "%s asks for %s, which is not supported"
                            .formatted(WHITELIST, whitelist.pkcs7() ? "PKCS#7 (Vpkcs7)" : "a chain (Wcachain)"));
        }
        byte[] hash = signedHash(whitelist.signed(), WHITELIST, Reason.BAD_WHITELIST_SIGNATURE);
        if (!masterKeys.signed(hash, whitelist.signed().signature())) {
            throw new Rejection(
                    Reason.BAD_WHITELIST_SIGNATURE,
                    "%s was signed with none of the %d master keys".formatted(WHITELIST, masterKeys.count()));
        }
        return whitelist;
    }

    private static Whitelist readWhitelist(TrustSource source) throws Rejection {
        byte[] bytes = source.read(WHITELIST, Whitelist.MAX_BYTES);
        if (bytes.length > Whitelist.MAX_BYTES) {
            throw new Rejection(
                    Reason.UNREADABLE_WHITELIST,
                    "%s is longer than %d bytes".formatted(WHITELIST, Whitelist.MAX_BYTES));
        }
        try {
            return Whitelist.parse(bytes);
        } catch (ManifestFormatException e) {
            throw new Rejection(
                    Reason.UNREADABLE_WHITELIST, "%s cannot be read: %s".formatted(WHITELIST, e.getMessage()), e);
        }
    }

    private void requireListed(SigningCertificate certificate, Whitelist whitelist) throws Rejection {
        if (blacklist.revokesAny(certificate.fingerprints())) {
            throw new Rejection(
                    Reason.REVOKED_CERTIFICATE, "the blacklist revokes the certificate, " + certificate.signer());
        }
        if (Collections.disjoint(whitelist.fingerprints(), certificate.fingerprints())) {
            throw new Rejection(
                    Reason.NOT_LISTED,
                    "%s does not name the certificate, %s".formatted(WHITELIST, certificate.signer()));
        }
    }

    private void requireRevision(RepositoryName repository, Revision revision) throws Rejection {
        Optional<Revision> lowest = blacklist.lowestRevision(repository);
        if (lowest.isPresent() && lowest.get().isNewerThan(revision)) {
            throw new Rejection(
                    Reason.REVOKED_REVISION,
                    "the blacklist revokes revisions of %s below %s, this is %s"
                            .formatted(repository, lowest.get(), revision));
        }
    }
}
