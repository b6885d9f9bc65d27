package io.jenkins.plugins.cvmfs.notify.client.trust;

import static io.jenkins.plugins.cvmfs.notify.client.trust.StoredRepository.KEYS;
import static io.jenkins.plugins.cvmfs.notify.client.trust.StoredRepository.NAME;
import static io.jenkins.plugins.cvmfs.notify.client.trust.StoredRepository.NOW;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.Mutations;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict.Reason;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict.Rejected;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict.Trusted;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every byte of manifest, whitelist and certificate object is changed, and each of them is cut and lengthened everywhere. No byte
 * lies outside of what is signed: the text is under the hash, the hash under the signature, the separators between them decide
 * where they are, and the signature must have its exact length.
 */
class TamperingTest {

    /** The bit that turns a digit into its neighbour, and the one that turns upper case into lower case. */
    private static final int[] CHANGES = {0x01, 0x20};

    private static final int DAMAGED_COPIES = 1_000;

    private final ManifestVerifier verifier = new ManifestVerifier(
            MasterKeys.parse(KEYS.masterKeyPem()), Blacklist.EMPTY, Clock.fixed(NOW, ZoneOffset.UTC));

    @ParameterizedTest
    @EnumSource
    void noByteOfTheManifestCanBeChanged(HashAlgorithm algorithm) {
        StoredRepository repository = new StoredRepository(algorithm);
        byte[] certificate = repository.certificateObject();
        TrustSource obliging =
                (path, maxBytes) -> path.startsWith("data/") ? certificate : repository.read(path, maxBytes);

        Set<Reason> reasons = rejections(repository.manifest(), manifest -> verifier.verify(NAME, manifest, obliging));

        assertThat(reasons)
                .containsExactlyInAnyOrder(
                        Reason.UNREADABLE_MANIFEST,
                        Reason.WRONG_NAME,
                        Reason.NOT_ROOT,
                        Reason.BAD_CERTIFICATE,
                        Reason.BAD_SIGNATURE);
    }

    @ParameterizedTest
    @EnumSource
    void noByteOfTheWhitelistCanBeChanged(HashAlgorithm algorithm) {
        StoredRepository repository = new StoredRepository(algorithm);
        byte[] manifest = repository.manifest();

        Set<Reason> reasons = rejections(
                repository.whitelist(),
                verifying(repository::whitelist, () -> verifier.verify(NAME, manifest, repository)));

        assertThat(reasons)
                .containsExactlyInAnyOrder(
                        Reason.UNREADABLE_WHITELIST,
                        Reason.EXPIRED_WHITELIST,
                        Reason.WRONG_WHITELIST,
                        Reason.BAD_WHITELIST_SIGNATURE);
    }

    @ParameterizedTest
    @EnumSource
    void noByteOfTheCertificateObjectCanBeChanged(HashAlgorithm algorithm) {
        StoredRepository repository = new StoredRepository(algorithm);
        byte[] manifest = repository.manifest();

        Set<Reason> reasons = rejections(
                repository.certificateObject(),
                verifying(repository::replaceCertificateObject, () -> verifier.verify(NAME, manifest, repository)));

        assertThat(reasons).containsExactly(Reason.BAD_CERTIFICATE);
    }

    /**
     * An attacker who may put objects into the repository can name any of them as certificate. What is trusted then is the good one,
     * byte for byte; PEM only allows other text around it.
     */
    @Test
    void noDamagedCertificateIsTakenUnderItsOwnHash() throws Exception {
        StoredRepository repository = new StoredRepository(HashAlgorithm.SHA1);
        byte[] good = KEYS.certificatePem().getBytes(US_ASCII);

        int trusted = 0;
        for (byte[] pem : Mutations.of(good, DAMAGED_COPIES, 5)) {
            byte[] manifest =
                    repository.withCertificateObject(StoredRepository.zlib(pem)).manifest();
            if (verifier.verify(NAME, manifest, repository) instanceof Trusted) {
                assertThat(der(pem)).isEqualTo(der(good));
                trusted++;
            }
        }
        assertThat(trusted).as("both outcomes occur").isBetween(1, Mutations.times(DAMAGED_COPIES / 2));
    }

    private static byte[] der(byte[] pem) throws CertificateException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem))
                .getEncoded();
    }

    private static Function<byte[], Verdict> verifying(Consumer<byte[]> put, Supplier<Verdict> verify) {
        return bytes -> {
            put.accept(bytes);
            return verify.get();
        };
    }

    private static Set<Reason> rejections(byte[] good, Function<byte[], Verdict> verify) {
        Set<Reason> reasons = EnumSet.noneOf(Reason.class);
        assertThat(verify.apply(good)).isInstanceOf(Trusted.class);
        for (int at = 0; at < good.length; at++) {
            for (int change : CHANGES) {
                byte[] changed = good.clone();
                changed[at] ^= (byte) change;
                reasons.add(rejection(verify.apply(changed), "byte " + at + " was changed by " + change));
            }
            reasons.add(rejection(verify.apply(Arrays.copyOf(good, at)), "it was cut after byte " + at));
            reasons.add(rejection(verify.apply(withByteAt(at, good)), "a byte was put in before byte " + at));
        }
        reasons.add(rejection(verify.apply(Arrays.copyOf(good, good.length + 1)), "a zero was put at the end"));
        for (byte[] damaged : Mutations.of(good, DAMAGED_COPIES, good.length)) {
            if (!Arrays.equals(damaged, good)) {
                reasons.add(rejection(verify.apply(damaged), "it was damaged: " + Arrays.toString(damaged)));
            }
        }
        return reasons;
    }

    private static byte[] withByteAt(int at, byte[] good) {
        byte[] longer = Arrays.copyOf(good, good.length + 1);
        System.arraycopy(good, at, longer, at + 1, good.length - at);
        longer[at] = '\n';
        return longer;
    }

    private static Reason rejection(Verdict verdict, String change) {
        if (verdict instanceof Rejected rejected) {
            return rejected.reason();
        }
        throw new AssertionError("trusted although " + change);
    }
}
