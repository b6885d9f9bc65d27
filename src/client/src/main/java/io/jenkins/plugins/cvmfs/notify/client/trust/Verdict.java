package io.jenkins.plugins.cvmfs.notify.client.trust;

import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import java.time.Instant;

/** The result of verifying a manifest. */
public sealed interface Verdict {

    /**
     * Every check passed.
     *
     * @param signer the subject of the certificate that signed it, free text
     * @param whitelistExpires the first instant at which the verdict is no longer valid
     */
    record Trusted(Manifest manifest, String signer, Instant whitelistExpires) implements Verdict {}

    /**
     * A check failed; later checks did not run.
     *
     * @param explanation one sentence for the user: what is wrong, and in which file
     */
    record Rejected(Reason reason, String explanation) implements Verdict {}

    /** The reasons to reject a manifest, in the order of the checks. */
    enum Reason {
        /** The manifest is malformed. */
        UNREADABLE_MANIFEST,
        /** The manifest names another repository, or none. */
        WRONG_NAME,
        /** The manifest is that of a subtree. */
        NOT_ROOT,
        /** The manifest names no certificate, or the object does not have its hash or is not an X.509 certificate with an RSA key. */
        BAD_CERTIFICATE,
        /** The hash below the manifest is not the hash of its text, or the certificate's key did not sign it. */
        BAD_SIGNATURE,
        /** The whitelist is malformed or too long. */
        UNREADABLE_WHITELIST,
        /** The whitelist has expired. */
        EXPIRED_WHITELIST,
        /** The whitelist is that of another repository. */
        WRONG_WHITELIST,
        /** The whitelist requires PKCS#7 or a certificate chain, which are not supported. */
        UNSUPPORTED_WHITELIST,
        /** The hash below the whitelist is not the hash of its text, or none of the master keys signed it. */
        BAD_WHITELIST_SIGNATURE,
        /** The blacklist names the certificate. */
        REVOKED_CERTIFICATE,
        /** The whitelist does not name the certificate. */
        NOT_LISTED,
        /** The blacklist names a higher revision as the lowest good one. */
        REVOKED_REVISION
    }
}
