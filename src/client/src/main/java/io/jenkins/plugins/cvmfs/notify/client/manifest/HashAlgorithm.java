package io.jenkins.plugins.cvmfs.notify.client.manifest;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.Xof;
import org.bouncycastle.crypto.digests.RIPEMD160Digest;
import org.bouncycastle.crypto.digests.SHAKEDigest;

/**
 * The three content hash algorithms of CernVM-FS. All give 160 bits; the text of a hash ends in the algorithm's suffix.
 */
public enum HashAlgorithm {
    /** SHA-1, the default; its hashes have no suffix. */
    SHA1("") {
        @Override
        public byte[] digest(byte[] data) {
            try {
                return MessageDigest.getInstance("SHA-1").digest(data);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java runtime must provide SHA-1", e);
            }
        }
    },
    /** RIPEMD-160. */
    RIPEMD160("-rmd160") {
        @Override
        public byte[] digest(byte[] data) {
            Digest digest = new RIPEMD160Digest();
            digest.update(data, 0, data.length);
            byte[] out = new byte[BYTES];
            digest.doFinal(out, 0);
            return out;
        }
    },
    /** SHAKE128, cut at 160 bits. */
    SHAKE128("-shake128") {
        @Override
        public byte[] digest(byte[] data) {
            Xof digest = new SHAKEDigest(128);
            digest.update(data, 0, data.length);
            byte[] out = new byte[BYTES];
            digest.doFinal(out, 0, BYTES);
            return out;
        }
    };

    /** Length of every digest, in bytes. */
    public static final int BYTES = 20;

    private final String suffix;

    HashAlgorithm(String suffix) {
        this.suffix = suffix;
    }

    /** What follows the 40 hexadecimal digits in the text of a hash: empty, {@code -rmd160} or {@code -shake128}. */
    public String suffix() {
        return suffix;
    }

    /** The {@value #BYTES} bytes of the data's digest. */
    public abstract byte[] digest(byte[] data);
}
