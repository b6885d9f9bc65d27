package io.jenkins.plugins.cvmfs.notify.client.trust;

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

/**
 * Says whether to believe a manifest. The chain is: a master key signed the whitelist, the whitelist names the certificate, the
 * certificate's key signed the manifest. The order of the checks is that of {@code manifest_fetch.cc} of CernVM-FS; in three
 * points this is stricter: neither MD5 nor keys other than RSA are taken, and the fields that are looked at must be readable.
 *
 * <p>Immutable; any thread may use it. A call reads at most two files from the source and blocks as long as that takes; it
 * needs memory for these two, both of which have an upper limit of 128 KB.
 */
public final class ManifestVerifier {

    private static final String WHITELIST = RepositoryFile.WHITELIST.path();

    private final MasterKeys masterKeys;
    private final Blacklist blacklist;
    private final Clock clock;

    /**
     * A verifier for every repository that these keys may vouch for.
     *
     * @param clock tells whether a whitelist has expired
     */
    public ManifestVerifier(MasterKeys masterKeys, Blacklist blacklist, Clock clock) {
        this.masterKeys = masterKeys;
        this.blacklist = blacklist;
        this.clock = clock;
    }

    /**
     * Verifies a manifest.
     *
     * @param expected whose manifest it must be
     * @param published the whole {@code .cvmfspublished}
     * @param source where the certificate and whitelist of this repository are
     * @return the same for the same input at the same time, so that it only helps to ask again when a file has changed
     * @throws NotifyException what the source threw: then nothing is known of the manifest
     */
    public Verdict verify(RepositoryName expected, byte[] published, TrustSource source) {
        try {
            return check(expected, SignedText.parse(published), source);
        } catch (Rejection e) {
            return e.verdict();
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
        byte[] hash = SignedHash.of(signed, "manifest", Reason.BAD_SIGNATURE);
        if (!certificate.signed(hash, signed.signature())) {
            throw new Rejection(
                    Reason.BAD_SIGNATURE,
                    "manifest was not signed with the key of its certificate, " + certificate.signer());
        }
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
        byte[] hash = SignedHash.of(whitelist.signed(), WHITELIST, Reason.BAD_WHITELIST_SIGNATURE);
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
