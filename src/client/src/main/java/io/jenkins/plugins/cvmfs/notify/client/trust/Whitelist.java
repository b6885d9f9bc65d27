package io.jenkins.plugins.cvmfs.notify.client.trust;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ManifestFormatException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.SignedText;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The whitelist of a repository: the certificates that may sign its manifests, and until when; the reference is {@code
 * whitelist.cc} of CernVM-FS. The signature is not verified here.
 *
 * @param signed the lines with their signature
 * @param expires the first instant at which it is invalid; whole hours, the reference ignores minutes and seconds
 * @param pkcs7 true if its signature is a PKCS#7 structure in another file
 * @param certificateChain true if the certificate must also be verified against authorities
 * @param fingerprints the certificates' hashes, of any algorithm
 */
record Whitelist(
        SignedText signed,
        Instant expires,
        RepositoryName repository,
        boolean pkcs7,
        boolean certificateChain,
        Set<ContentHash> fingerprints) {

    /** The longest whitelist read, in bytes. A real one has about 500. */
    static final int MAX_BYTES = 128 * 1024;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMddHHmmss", Locale.ROOT).withResolverStyle(ResolverStyle.STRICT);
    private static final int TIME_DIGITS = 14;

    /**
     * Reads the lines, which have a fixed order: time of issue, expiry, name, options, fingerprints.
     *
     * @throws ManifestFormatException if one of the first three is missing or wrong
     */
    static Whitelist parse(byte[] bytes) {
        SignedText signed = SignedText.parse(bytes);
        List<String> lines = signed.lines();
        if (line(lines, 1).length() != TIME_DIGITS) {
            throw new ManifestFormatException(
                    1, "'%s' is not a time of %d digits".formatted(Excerpt.of(line(lines, 1)), TIME_DIGITS));
        }
        int next = 4;
        boolean pkcs7 = "Vpkcs7".equals(optionalLine(lines, next).orElse(""));
        next += pkcs7 ? 1 : 0;
        boolean chain = "Wcachain".equals(optionalLine(lines, next).orElse(""));
        next += chain ? 1 : 0;
        return new Whitelist(
                signed, expiry(lines), name(lines), pkcs7, chain, fingerprints(lines.subList(next - 1, lines.size())));
    }

    boolean isExpired(Instant now) {
        return !now.isBefore(expires);
    }

    private static Instant expiry(List<String> lines) {
        String digits = field(lines, 2, 'E');
        try {
            return LocalDateTime.parse(digits, TIME)
                    .truncatedTo(ChronoUnit.HOURS)
                    .toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            throw new ManifestFormatException(
                    2, "field E: '%s' is not a time of %d digits".formatted(Excerpt.of(digits), TIME_DIGITS));
        }
    }

    private static RepositoryName name(List<String> lines) {
        String name = field(lines, 3, 'N');
        try {
            return new RepositoryName(name);
        } catch (InvalidInputException e) {
            throw new ManifestFormatException(3, "field N: " + e.getMessage());
        }
    }

    /** Lines without a fingerprint are comments. */
    private static Set<ContentHash> fingerprints(List<String> lines) {
        return lines.stream()
                .map(SigningCertificate::fingerprint)
                .flatMap(Optional::stream)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static String field(List<String> lines, int number, char letter) {
        String line = line(lines, number);
        if (line.isEmpty() || line.charAt(0) != letter) {
            throw new ManifestFormatException(
                    number, "'%s' does not start with %c".formatted(Excerpt.of(line), letter));
        }
        return line.substring(1);
    }

    private static String line(List<String> lines, int number) {
        return optionalLine(lines, number)
                .orElseThrow(() -> new ManifestFormatException(number, "the whitelist ends before this line"));
    }

    private static Optional<String> optionalLine(List<String> lines, int number) {
        return number <= lines.size() ? Optional.of(lines.get(number - 1)) : Optional.empty();
    }
}
