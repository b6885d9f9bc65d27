package io.jenkins.plugins.cvmfs.notify.client.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key that publishers of a CernVM-FS repository gateway have, usually in {@code /etc/cvmfs/keys/NAME.gw}. Its holder signs the
 * body of a request: {@code Authorization: ID BASE64}, where the Base64 text is that of the hexadecimal digits of HMAC-SHA1 over
 * the body, as {@code hmac.go} of the gateway computes it.
 *
 * <p>Immutable; any thread may use it. Its text never shows the secret.
 */
public final class GatewayKey {

    private static final int MAX_BYTES = 4096;
    private static final String ALGORITHM = "HmacSHA1";

    private final String id;
    private final byte[] secret;

    private GatewayKey(String id, byte[] secret) {
        this.id = id;
        this.secret = secret;
    }

    /**
     * Reads a key's text; only its first line counts.
     *
     * @param text {@code plain_text ID SECRET}, with any blanks and tabs around the words
     * @throws InvalidInputException if it is anything else; the message does not show it
     */
    public static GatewayKey parse(String text) {
        String[] words = text.lines().findFirst().orElse("").strip().split("[ \t]+", -1);
        if (words.length != 3 || !words[0].equals("plain_text")) {
            throw new InvalidInputException("this is no gateway key: expected one line 'plain_text ID SECRET'");
        }
        if (!words[1].matches("[\\x21-\\x7e]+")) {
            throw new InvalidInputException("the gateway key's id has characters that cannot stand in a header");
        }
        return new GatewayKey(words[1], words[2].getBytes(UTF_8));
    }

    /**
     * Reads a key's file.
     *
     * @throws InvalidInputException if it cannot be read or holds no key; the message names the file
     */
    public static GatewayKey read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return parse(new String(in.readNBytes(MAX_BYTES), UTF_8));
        } catch (InvalidInputException e) {
            throw new InvalidInputException(file + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new InvalidInputException(
                    "cannot read the gateway key %s: %s".formatted(file, Excerpt.of(String.valueOf(e.getMessage()))),
                    e);
        }
    }

    /** Not secret. */
    public String id() {
        return id;
    }

    /** The value of the {@code Authorization} header for a request with this body. */
    public String authorization(byte[] body) {
        return id + " " + Base64.getEncoder().encodeToString(hexadecimalHmac(body));
    }

    /**
     * Whether the key's holder made this signature. Takes the same time whatever the signature.
     *
     * @param base64 the second word of the header
     */
    public boolean hasSigned(byte[] body, String base64) {
        byte[] expected = Base64.getEncoder().encode(hexadecimalHmac(body));
        return MessageDigest.isEqual(expected, base64.getBytes(UTF_8));
    }

    private byte[] hexadecimalHmac(byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret, ALGORITHM));
            return HexFormat.of().formatHex(mac.doFinal(body)).getBytes(US_ASCII);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime must provide " + ALGORITHM, e);
        }
    }

    @Override
    public String toString() {
        return "gateway key " + Excerpt.of(id);
    }
}
