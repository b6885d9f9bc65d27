package io.jenkins.plugins.cvmfs.notify.client.trust;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import javax.crypto.Cipher;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MasterKeysSignatureTest {

    private static final int BYTES = 128;
    private static final byte[] TEXT = "da39a3ee5e6b4b0d3255bfef95601890afd80709".getBytes(US_ASCII);

    private static RSAPublicKey publicKey;
    private static RSAPrivateKey privateKey;

    @BeforeAll
    static void makeKeys() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(BYTES * 8);
        KeyPair keys = generator.generateKeyPair();
        publicKey = (RSAPublicKey) keys.getPublic();
        privateKey = (RSAPrivateKey) keys.getPrivate();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 40, 47, 49, BYTES - 11})
    void whatOthersEncryptWithThePrivateKeyIsASignature(int length) throws Exception {
        byte[] text = Arrays.copyOf(TEXT, length);
        Cipher cipher = Cipher.getInstance("RSA/ECB/PKCS1Padding");
        cipher.init(Cipher.ENCRYPT_MODE, privateKey);

        assertThat(MasterKeys.isSignature(cipher.doFinal(text), text, publicKey))
                .isTrue();
    }

    /** Frames that careless readers have taken; the text itself stands at the end of each block but the fourth. */
    @ParameterizedTest
    @CsvSource({
        "the right one,            0001, ff, 00, true",
        "block type 2,             0002, ff, 00, false",
        "block type 0,             0000, 00, 00, false",
        "a first byte,             0101, ff, 00, false",
        "another filler,           0001, fe, 00, false",
        "no zero before the text,  0001, ff, ff, false"
    })
    void onlyTheFrameOfBlockType1IsTaken(String name, String head, String filler, String end, boolean good) {
        byte[] block = new byte[BYTES];
        Arrays.fill(block, (byte) Integer.parseInt(filler, 16));
        block[0] = (byte) Integer.parseInt(head.substring(0, 2), 16);
        block[1] = (byte) Integer.parseInt(head.substring(2), 16);
        block[BYTES - TEXT.length - 1] = (byte) Integer.parseInt(end, 16);
        System.arraycopy(TEXT, 0, block, BYTES - TEXT.length, TEXT.length);

        assertThat(MasterKeys.isSignature(encrypted(block), TEXT, publicKey)).isEqualTo(good);
    }

    @Test
    void aShortFrameWithSomethingBehindTheTextIsNotTaken() {
        byte[] block = new byte[BYTES];
        Arrays.fill(block, 1, 10, (byte) 0xff);
        block[1] = 1;
        System.arraycopy(TEXT, 0, block, 11, TEXT.length);

        assertThat(MasterKeys.isSignature(encrypted(block), TEXT, publicKey)).isFalse();
    }

    @Test
    void aSignatureOfAnyOtherLengthIsNotTaken() throws Exception {
        Cipher cipher = Cipher.getInstance("RSA/ECB/PKCS1Padding");
        cipher.init(Cipher.ENCRYPT_MODE, privateKey);
        byte[] good = cipher.doFinal(TEXT);
        byte[] zeroBefore = new byte[BYTES + 1];
        System.arraycopy(good, 0, zeroBefore, 1, BYTES);

        assertThat(MasterKeys.isSignature(zeroBefore, TEXT, publicKey)).isFalse();
        assertThat(MasterKeys.isSignature(Arrays.copyOf(good, BYTES + 1), TEXT, publicKey))
                .isFalse();
        assertThat(MasterKeys.isSignature(Arrays.copyOf(good, BYTES - 1), TEXT, publicKey))
                .isFalse();
        assertThat(MasterKeys.isSignature(new byte[0], TEXT, publicKey)).isFalse();
    }

    @Test
    void aNumberNotBelowTheModulusIsNotTaken() {
        BigInteger modulus = publicKey.getModulus();
        byte[] same = fixedLength(new BigInteger(1, encrypted(frame())).add(modulus));

        assertThat(MasterKeys.isSignature(encrypted(frame()), TEXT, publicKey)).isTrue();
        assertThat(MasterKeys.isSignature(same, TEXT, publicKey)).isFalse();
        assertThat(MasterKeys.isSignature(fixedLength(modulus), TEXT, publicKey))
                .isFalse();
    }

    @Test
    void aTextTooLongForTheKeyIsNotTaken() {
        assertThat(MasterKeys.isSignature(new byte[BYTES], new byte[BYTES - 10], publicKey))
                .isFalse();
        assertThat(MasterKeys.isSignature(new byte[BYTES], new byte[BYTES * 2], publicKey))
                .isFalse();
    }

    private static byte[] frame() {
        byte[] block = new byte[BYTES];
        Arrays.fill(block, 2, BYTES - TEXT.length - 1, (byte) 0xff);
        block[1] = 1;
        System.arraycopy(TEXT, 0, block, BYTES - TEXT.length, TEXT.length);
        return block;
    }

    private static byte[] encrypted(byte[] block) {
        return fixedLength(new BigInteger(1, block).modPow(privateKey.getPrivateExponent(), privateKey.getModulus()));
    }

    /** The number's bytes; one more than usual only if the number needs it. */
    private static byte[] fixedLength(BigInteger number) {
        byte[] bytes = number.toByteArray();
        int zeros = bytes[0] == 0 ? 1 : 0;
        byte[] fixed = new byte[Math.max(BYTES, bytes.length - zeros)];
        System.arraycopy(bytes, zeros, fixed, fixed.length - (bytes.length - zeros), bytes.length - zeros);
        return fixed;
    }
}
