package io.jenkins.plugins.cvmfs.notify.client.manifest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContentHashTest {

    private static final String HEX = "0123456789abcdef0123456789abcdef01234567";

    /** The published test vectors of the algorithms; of SHAKE128 the first 160 bits. */
    @ParameterizedTest
    @CsvSource({
        "SHA1,      '',  da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "SHA1,      abc, a9993e364706816aba3e25717850c26c9cd0d89d",
        "RIPEMD160, '',  9c1185a5c5e9fc54612808977ee8f548b2258d31-rmd160",
        "RIPEMD160, abc, 8eb208f7e05d987a9b044a8e98c6b087f15a0bfc-rmd160",
        "SHAKE128,  '',  7f9c2ba4e88f827d616045507605853ed73b8093-shake128",
        "SHAKE128,  abc, 5881092dd818bf5cf8a3ddb793fbcba74097d5c5-shake128"
    })
    void theDigestIsTheAlgorithms(HashAlgorithm algorithm, String data, String hash) {
        assertThat(ContentHash.of(algorithm, data.getBytes(US_ASCII))).hasToString(hash);
        assertThat(ContentHash.parse(hash)).isEqualTo(ContentHash.of(algorithm, data.getBytes(US_ASCII)));
    }

    /** As computed by OpenSSL 3.5 ({@code openssl dgst -shake128 -xoflen 20}) and Python 3.11 (hashlib): more than one block. */
    @ParameterizedTest
    @CsvSource({
        "SHA1,      c9c960a0b925474fab83942cc27d504fc24ac37b",
        "RIPEMD160, 6864b0b9f86a879be2680824c81dbce9c5350281-rmd160",
        "SHAKE128,  a72440f7f5aa7c14c8e0187420611da7e2ba62f5-shake128"
    })
    void theDigestOfAThousandBytesIsWhatOtherImplementationsCompute(HashAlgorithm algorithm, String hash) {
        byte[] data = new byte[1_000];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i % 251);
        }

        assertThat(ContentHash.of(algorithm, data)).hasToString(hash);
    }

    @ParameterizedTest
    @CsvSource({
        "'',        CATALOG,     data/01/23456789abcdef0123456789abcdef01234567C",
        "-rmd160,   CERTIFICATE, data/01/23456789abcdef0123456789abcdef01234567-rmd160X",
        "-shake128, HISTORY,     data/01/23456789abcdef0123456789abcdef01234567-shake128H",
        "'',        META_INFO,   data/01/23456789abcdef0123456789abcdef01234567M"
    })
    void anObjectLiesUnderTheFirstTwoDigitsWithSuffixAndLetterAtTheEnd(String suffix, ObjectKind kind, String path) {
        assertThat(ContentHash.parse(HEX + suffix).objectPath(kind)).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "0123456789abcdef0123456789abcdef0123456",
                "0123456789abcdef0123456789abcdef012345678",
                "0123456789ABCDEF0123456789abcdef01234567",
                "0123456789abcdefg123456789abcdef01234567",
                "0123456789abcdef0123456789abcdef01234567-sha1",
                "0123456789abcdef0123456789abcdef01234567-RMD160",
                "0123456789abcdef0123456789abcdef01234567-rmd160 ",
                "0123456789abcdef0123456789abcde-rmd160",
                "-rmd160"
            })
    void anythingElseIsRefused(String text) {
        assertThatThrownBy(() -> ContentHash.parse(text))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("content hash");
    }

    @Test
    void hashesOfDifferentAlgorithmsDifferEvenWithEqualDigits() {
        assertThat(ContentHash.parse(HEX)).isNotEqualTo(ContentHash.parse(HEX + "-rmd160"));
    }
}
