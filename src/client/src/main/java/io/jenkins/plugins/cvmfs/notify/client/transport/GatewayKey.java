package io.jenkins.plugins.cvmfs.notify.client.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
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
 * The key of a publisher at a CernVM-FS repository gateway, usually in {@code /etc/cvmfs/keys/NAME.gw}. It signs the body of a request:
 * {@code Authorization: ID BASE64}, where BASE64 encodes the hexadecimal digits of the body's HMAC-SHA1, as in the gateway's {@code
 * hmac.go}.
 *
 * <p>Immutable and thread-safe. {@link #toString} never shows the secret.
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
     * Parses the first line of the text.
     *
     * @param text {@code plain_text ID SECRET}, separated by spaces or tabs
     * @throws InvalidInputException if it is anything else; the message does not show the text
     */
    public static GatewayKey parse(String text) {
        String[] fields = text.lines().findFirst().orElse("").strip().split("[ \t]+", -1);
        if (fields.length != 3 || !fields[0].equals("plain_text")) {
            throw new InvalidInputException("not a gateway key: expected one line 'plain_text ID SECRET'");
        }
        if (!fields[1].matches("[\\x21-\\x7e]+")) {
            throw new InvalidInputException("the gateway key's id has characters that a header cannot carry");
        }
        return new GatewayKey(fields[1], fields[2].getBytes(UTF_8));
    }

    /**
     * Reads a key file.
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
                    "cannot read the gateway key %s: %s".formatted(file, FileProblem.reason(e)), e);
        }
    }

    /** Returns the id, which is not secret. */
    public String id() {
        return id;
    }

    /** Returns the {@code Authorization} header's value for a request with this body. */
    public String authorization(byte[] body) {
        return id + " " + Base64.getEncoder().encodeToString(hexadecimalHmac(body));
    }

    /**
     * Verifies a signature, in a time that does not depend on it.
     *
     * @param base64 the second field of the header
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
