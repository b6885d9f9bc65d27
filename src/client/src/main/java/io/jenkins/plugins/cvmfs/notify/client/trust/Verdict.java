package io.jenkins.plugins.cvmfs.notify.client.trust;

import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import java.time.Instant;

/** What the verifier says of a manifest. */
public sealed interface Verdict {

    /**
     * Every check passed.
     *
     * @param manifest what was verified
     * @param signer the subject of the certificate that signed it, free text
     * @param whitelistExpires from when on this verdict would be another, because the whitelist has expired
     */
    record Trusted(Manifest manifest, String signer, Instant whitelistExpires) implements Verdict {}

    /**
     * A check failed. The checks have an order, and this is the first that failed.
     *
     * @param explanation one sentence for the user: what is wrong, and in which file
     */
    record Rejected(Reason reason, String explanation) implements Verdict {}

    /** Why a manifest is rejected; in the order of the checks. */
    enum Reason {
        /** The manifest has no such lines as it must have. */
        UNREADABLE_MANIFEST,
        /** It is the manifest of another repository, or of none. */
        WRONG_NAME,
        /** It is not the manifest of a whole repository. */
        NOT_ROOT,
        /** There is no certificate, or it is not the object that the manifest names, or no X.509 certificate with an RSA key. */
        BAD_CERTIFICATE,
        /** The hash below the manifest is not the hash of its text, or the certificate's key did not sign it. */
        BAD_SIGNATURE,
        /** The whitelist has no such lines as it must have, or is too long. */
        UNREADABLE_WHITELIST,
        /** The whitelist's time is over. */
        EXPIRED_WHITELIST,
        /** It is the whitelist of another repository. */
        WRONG_WHITELIST,
        /** The whitelist asks for PKCS#7 or for a chain of certificates, neither of which is verified here. */
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
