package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;

/** The form in which RabbitMQ stores a password: base64 of four bytes of salt and the digest of salt and password. */
final class PasswordHash {

    /** RabbitMQ's name for the algorithm used here, its default since 3.6. */
    static final String ALGORITHM = "rabbit_password_hashing_sha256";

    private static final Map<String, String> DIGESTS = Map.of(
            ALGORITHM, "SHA-256", "rabbit_password_hashing_sha512", "SHA-512", "rabbit_password_hashing_md5", "MD5");
    private static final int SALT_BYTES = 4;
    private static final SecureRandom RANDOM = new SecureRandom();

    private PasswordHash() {}

    /** Hashes a password with a new salt. */
    static String of(Secret password) {
        byte[] salt = new byte[SALT_BYTES];
        RANDOM.nextBytes(salt);
        return hash(salt, password, ALGORITHM);
    }

    /** Tells whether a hash is that of the password; false also for an unknown algorithm. */
    static boolean matches(String hash, String algorithm, Secret password) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(hash);
        } catch (IllegalArgumentException e) {
            return false;
        }
        return bytes.length > SALT_BYTES
                && DIGESTS.containsKey(algorithm)
                && hash(Arrays.copyOf(bytes, SALT_BYTES), password, algorithm).equals(hash);
    }

    private static String hash(byte[] salt, Secret password, String algorithm) {
        try {
            MessageDigest digest = MessageDigest.getInstance(DIGESTS.getOrDefault(algorithm, ""));
            digest.update(salt);
            byte[] digested = digest.digest(password.value().getBytes(UTF_8));
            byte[] both = Arrays.copyOf(salt, SALT_BYTES + digested.length);
            System.arraycopy(digested, 0, both, SALT_BYTES, digested.length);
            return Base64.getEncoder().encodeToString(both);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has this digest", e);
        }
    }
}
