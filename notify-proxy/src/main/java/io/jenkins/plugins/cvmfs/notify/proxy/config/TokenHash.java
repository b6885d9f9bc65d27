package io.jenkins.plugins.cvmfs.notify.proxy.config;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The form in which the configuration holds a token: its public id and a salted SHA-256 of the whole token. A token is
 * {@code cvmfs-notify_ID_SECRET} with 256 random bits, so a fast hash is safe.
 *
 * @param id not secret: it tells tokens apart in the configuration and in the log
 * @param salt base64url
 * @param hash base64url
 */
public record TokenHash(String id, String salt, String hash) {

    /** A token together with what the configuration keeps of it. */
    public record Minted(Secret token, TokenHash hash) {}

    private static final Pattern HASH =
            Pattern.compile("sha256\\$([a-z2-7]{8})\\$([A-Za-z0-9_-]{22})\\$([A-Za-z0-9_-]{43})");
    private static final Pattern TOKEN = Pattern.compile("cvmfs-notify_([a-z2-7]{8})_[A-Za-z0-9_-]{43}");
    private static final String ID_LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int ID_LENGTH = 8;
    private static final int SECRET_BYTES = 32;
    private static final int SALT_BYTES = 16;

    /**
     * Reads it from the configuration.
     *
     * @throws InvalidInputException if the text is not what {@link #toString()} gives; the message does not show it
     */
    public static TokenHash parse(String text) {
        Matcher matcher = HASH.matcher(text);
        if (!matcher.matches()) {
            throw new InvalidInputException("this is no hash of a token; 'notify-proxy token' makes one");
        }
        return new TokenHash(matcher.group(1), matcher.group(2), matcher.group(3));
    }

    /** Makes a new token. */
    public static Minted mint() {
        return mint("");
    }

    /** Makes a new token whose id begins with the prefix. */
    static Minted mint(String idPrefix) {
        StringBuilder id = new StringBuilder(idPrefix);
        new SecureRandom()
                .ints(ID_LENGTH - idPrefix.length(), 0, ID_LETTERS.length())
                .forEach(letter -> id.append(ID_LETTERS.charAt(letter)));
        Secret token = new Secret("cvmfs-notify_%s_%s".formatted(id, randomText(SECRET_BYTES)));
        return new Minted(token, of(token));
    }

    /**
     * Hashes a token with a new salt.
     *
     * @throws InvalidInputException if it does not have the form of a token
     */
    static TokenHash of(Secret token) {
        String id = idIn(token.value())
                .orElseThrow(() -> new InvalidInputException("this is no token; 'notify-proxy token' makes one"));
        String salt = randomText(SALT_BYTES);
        return new TokenHash(id, salt, text(digest(salt, token.value())));
    }

    private static String randomText(int count) {
        byte[] bytes = new byte[count];
        new SecureRandom().nextBytes(bytes);
        return text(bytes);
    }

    private static String text(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Returns the id in a text that has the form of a token; the rest may be wrong. */
    public static Optional<String> idIn(String token) {
        Matcher matcher = TOKEN.matcher(token);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** Returns whether this is the hash of the token, in a time that does not depend on the token. */
    public boolean isOf(String token) {
        return MessageDigest.isEqual(Base64.getUrlDecoder().decode(hash), digest(salt, token));
    }

    private static byte[] digest(String salt, String token) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(Base64.getUrlDecoder().decode(salt));
            return sha256.digest(token.getBytes(US_ASCII));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java runtime has SHA-256", e);
        }
    }

    /** Returns the text for the configuration: {@code sha256$ID$SALT$HASH}. */
    @Override
    public String toString() {
        return "sha256$%s$%s$%s".formatted(id, salt, hash);
    }
}
