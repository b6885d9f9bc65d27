package io.jenkins.plugins.cvmfs.notify.client.manifest;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.RIPEMD160Digest;
import org.bouncycastle.crypto.digests.SHAKEDigest;

/** The three content hash algorithms of CernVM-FS. All give 160 bits; the text of a hash ends in the algorithm's suffix. */
public enum HashAlgorithm {
    /** SHA-1, the default; its hashes have no suffix. Needs no BouncyCastle. */
    SHA1(""),
    /** RIPEMD-160. */
    RIPEMD160("-rmd160"),
    /** SHAKE128, cut at 160 bits. */
    SHAKE128("-shake128");

    /** Length of every digest, in bytes. */
    public static final int BYTES = 20;

    private final String suffix;

    HashAlgorithm(String suffix) {
        this.suffix = suffix;
    }

    /** Returns what follows the 40 hexadecimal digits in the text of a hash: nothing, {@code -rmd160} or {@code -shake128}. */
    public String suffix() {
        return suffix;
    }

    /** Returns the {@value #BYTES} bytes of the data's digest. */
    public byte[] digest(byte[] data) {
        return switch (this) {
            case SHA1 -> sha1(data);
            case RIPEMD160 -> digest(new RIPEMD160Digest(), data);
            case SHAKE128 -> digest(new SHAKEDigest(128), data);
        };
    }

    private static byte[] sha1(byte[] data) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(data);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime must provide SHA-1", e);
        }
    }

    private static byte[] digest(Digest digest, byte[] data) {
        digest.update(data, 0, data.length);
        byte[] full = new byte[digest.getDigestSize()];
        digest.doFinal(full, 0);
        return Arrays.copyOf(full, BYTES);
    }
}
