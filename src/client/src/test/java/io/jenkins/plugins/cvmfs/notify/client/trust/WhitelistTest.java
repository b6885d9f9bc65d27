package io.jenkins.plugins.cvmfs.notify.client.trust;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.Mutations;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ManifestFormatException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WhitelistTest {

    private static final String HEX = "0123456789abcdef0123456789abcdef01234567";
    private static final String PAIRS = "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67";
    private static final String HEAD = "20261103211315\nE20261203211315\nNsample.example.org\n";

    @Test
    void theLinesAreRead() {
        Whitelist whitelist = parse(HEAD + PAIRS + "\n--\nhash\nsignature");

        assertThat(whitelist.expires()).isEqualTo("2026-12-03T21:00:00Z");
        assertThat(whitelist.repository()).isEqualTo(new RepositoryName("sample.example.org"));
        assertThat(whitelist.pkcs7()).isFalse();
        assertThat(whitelist.certificateChain()).isFalse();
        assertThat(whitelist.fingerprints()).containsExactly(ContentHash.parse(HEX));
        assertThat(whitelist.signed().hashLine()).hasValue("hash");
    }

    @Test
    void aListMayHoldFingerprintsOfAllAlgorithmsWithRemarks() {
        Whitelist whitelist = parse(HEAD + "# release managers\n\n" + PAIRS + " # Ann\n" + PAIRS + "-RMD160\tBob\n"
                + PAIRS.toLowerCase(Locale.ROOT) + "-shake128#Carol\nnonsense\n" + PAIRS + "-MD5\n"
                + "d41d8cd98f00b204e9800998ecf8427e\n--\n" + "F" + PAIRS + "\n");

        assertThat(whitelist.fingerprints())
                .containsExactlyInAnyOrder(
                        ContentHash.parse(HEX),
                        ContentHash.parse(HEX + "-rmd160"),
                        ContentHash.parse(HEX + "-shake128"));
    }

    @ParameterizedTest
    @CsvSource({
        "'', false, false",
        "'Vpkcs7\n', true, false",
        "'Wcachain\n', false, true",
        "'Vpkcs7\nWcachain\n', true, true",
        "'#\nVpkcs7\n', false, false"
    })
    void demandsStandDirectlyBelowTheName(String demands, boolean pkcs7, boolean chain) {
        Whitelist whitelist = parse(HEAD + demands + PAIRS + "\n--\n");

        assertThat(whitelist.pkcs7()).isEqualTo(pkcs7);
        assertThat(whitelist.certificateChain()).isEqualTo(chain);
        assertThat(whitelist.fingerprints()).containsExactly(ContentHash.parse(HEX));
    }

    @Test
    void theTimeOfIssueIsNotLookedAt() {
        assertThat(parse(HEAD.replace("20261103211315", "hello, world!!")).fingerprints())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"2026-12-03T20:59:59.999Z,false", "2026-12-03T21:00:00Z,true", "2999-01-01T00:00:00Z,true"})
    void itExpiresWhenItsHourBegins(Instant now, boolean expired) {
        assertThat(parse(HEAD).isExpired(now)).isEqualTo(expired);
    }

    @Test
    void damagedWhitelistsAreReadOrRefusedWithAShortSentence() {
        byte[] good = (HEAD + "Vpkcs7\nWcachain\n" + PAIRS + " # Ann\n--\nhash\n\0\n--\n\u00ff").getBytes(ISO_8859_1);
        int read = 0;
        for (byte[] damaged : Mutations.of(good, 20_000, 7)) {
            try {
                assertThat(Whitelist.parse(damaged).signed().bytes()).isEqualTo(damaged);
                read++;
            } catch (ManifestFormatException e) {
                assertThat(e.line()).isBetween(1, 3);
                assertThat(e.getMessage()).matches("line [123]: \\P{Cntrl}{1,300}");
            }
        }
        assertThat(read).as("both outcomes occur").isBetween(1_000, Mutations.times(19_000));
    }

    private static Whitelist parse(String latin1) {
        return Whitelist.parse(latin1.getBytes(ISO_8859_1));
    }
}
