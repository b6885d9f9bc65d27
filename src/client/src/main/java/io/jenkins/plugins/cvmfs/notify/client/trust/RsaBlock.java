package io.jenkins.plugins.cvmfs.notify.client.trust;

import java.math.BigInteger;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;

/**
 * The signature that whitelists carry: RSA straight over a short text, padded as PKCS#1 block type 1, without naming a digest.
 * The block that the text must give is made and compared as a whole; nothing is parsed out of the block that the signature
 * gives, so there is nothing to be lenient about.
 */
final class RsaBlock {

    /** The frame around the text: 00 01, at least eight times FF, 00. */
    private static final int LEAST_FRAME = 11;

    private RsaBlock() {}

    static boolean isSignature(byte[] signature, byte[] text, RSAPublicKey key) {
        int length = (key.getModulus().bitLength() + Byte.SIZE - 1) / Byte.SIZE;
        if (signature.length != length || text.length > length - LEAST_FRAME) {
            return false;
        }
        BigInteger number = new BigInteger(1, signature);
        return number.compareTo(key.getModulus()) < 0
                && number.modPow(key.getPublicExponent(), key.getModulus()).equals(block(text, length));
    }

    private static BigInteger block(byte[] text, int length) {
        byte[] block = new byte[length];
        int textStart = length - text.length;
        block[1] = 1;
        Arrays.fill(block, 2, textStart - 1, (byte) 0xff);
        System.arraycopy(text, 0, block, textStart, text.length);
        return new BigInteger(1, block);
    }
}
