package io.jenkins.plugins.cvmfs.notify.client.trust;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.FileProblem;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The public master keys, such as the {@code *.pub} files in {@code /etc/cvmfs/keys/cern.ch}: a whitelist is valid if any one
 * of them signed it. Immutable.
 */
public final class MasterKeys {

    /** The shortest key accepted, in bits; {@code cvmfs_server} makes them this long. */
    public static final int MIN_BITS = 2048;

    /** The bytes around the text in a signed block: 00 01, at least eight times FF, 00. */
    private static final int MIN_PADDING = 11;

    private static final Pattern PEM = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

    private final List<RSAPublicKey> keys;

    private MasterKeys(List<RSAPublicKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /**
     * Reads one or more keys from a text.
     *
     * @param pem blocks of type {@code PUBLIC KEY}; text around them is ignored
     * @throws InvalidInputException if there is no block, or one is not a public RSA key of at least {@value #MIN_BITS} bits
     */
    public static MasterKeys parse(String pem) {
        return new MasterKeys(parse(pem, "text"));
    }

    /**
     * Reads keys from files, and from the {@code *.pub} files directly in folders.
     *
     * @throws InvalidInputException if there is no file, or one cannot be read, is longer than 1 MB, or holds no key or a wrong
     *     one; it names the file
     */
    public static MasterKeys read(Collection<Path> paths) {
        List<RSAPublicKey> keys = new ArrayList<>();
        for (Path path : paths) {
            for (Path file : filesIn(path)) {
                keys.addAll(parse(TrustFile.read(file), file.toString()));
            }
        }
        if (keys.isEmpty()) {
            throw new InvalidInputException("no master key (*.pub) in " + paths);
        }
        return new MasterKeys(keys);
    }

    /** Returns true if one of the keys made this signature over the text. */
    boolean signed(byte[] text, byte[] signature) {
        return keys.stream().anyMatch(key -> isSignature(signature, text, key));
    }

    /**
     * Checks the kind of signature that whitelists carry: RSA directly over a short text, padded as PKCS#1 block type 1, without
     * the name of a digest. The expected block is built and compared as a whole. Nothing is parsed out of the signature's block,
     * so there is nothing to be lenient about.
     */
    static boolean isSignature(byte[] signature, byte[] text, RSAPublicKey key) {
        int length = (key.getModulus().bitLength() + Byte.SIZE - 1) / Byte.SIZE;
        BigInteger number = new BigInteger(1, signature);
        if (signature.length != length
                || text.length > length - MIN_PADDING
                || number.compareTo(key.getModulus()) >= 0) {
            return false;
        }
        byte[] expected = new byte[length];
        int textStart = length - text.length;
        expected[1] = 1;
        Arrays.fill(expected, 2, textStart - 1, (byte) 0xff);
        System.arraycopy(text, 0, expected, textStart, text.length);
        return number.modPow(key.getPublicExponent(), key.getModulus()).equals(new BigInteger(1, expected));
    }

    /** Returns the number of keys, at least one. */
    public int count() {
        return keys.size();
    }

    private static List<Path> filesIn(Path path) {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> folder = Files.newDirectoryStream(path, "*.pub")) {
            folder.forEach(files::add);
        } catch (IOException e) {
            throw new InvalidInputException("cannot read the folder %s: %s".formatted(path, FileProblem.reason(e)), e);
        }
        return files.stream().sorted().toList();
    }

    private static List<RSAPublicKey> parse(String pem, String origin) {
        List<RSAPublicKey> keys = new ArrayList<>();
        Matcher block = PEM.matcher(pem);
        while (block.find()) {
            String key = "key %d in %s".formatted(keys.size() + 1, origin);
            if (!block.group(1).equals("PUBLIC KEY")) {
                throw new InvalidInputException(
                        "%s is a %s, expected a PUBLIC KEY".formatted(key, Excerpt.of(block.group(1))));
            }
            keys.add(decode(block.group(2), key));
        }
        if (keys.isEmpty()) {
            throw new InvalidInputException("no '-----BEGIN PUBLIC KEY-----' in " + origin);
        }
        return keys;
    }

    private static RSAPublicKey decode(String base64, String key) {
        RSAPublicKey decoded;
        try {
            byte[] der = Base64.getDecoder().decode(base64.replaceAll("\\s", ""));
            decoded = (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(der));
        } catch (IllegalArgumentException | InvalidKeySpecException e) {
            throw new InvalidInputException(key + " is not a public RSA key", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime must provide RSA", e);
        }
        int bits = decoded.getModulus().bitLength();
        if (bits < MIN_BITS) {
            throw new InvalidInputException("%s has %d bits, needed are %d".formatted(key, bits, MIN_BITS));
        }
        return decoded;
    }
}
