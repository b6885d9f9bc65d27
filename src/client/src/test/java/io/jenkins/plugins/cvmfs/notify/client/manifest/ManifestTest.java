package io.jenkins.plugins.cvmfs.notify.client.manifest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jenkins.plugins.cvmfs.notify.client.Mutations;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestTest {

    /** Every field, in the order in which CernVM-FS writes them. */
    private static final String FULL = """
            C0123456789abcdef0123456789abcdef01234567
            B24576
            Rd41d8cd98f00b204e9800998ecf8427e
            D240
            S18446744073709551615
            Gyes
            Ano
            L0000000000000000000000000000000000000000
            Nsample.example.org
            X1111111111111111111111111111111111111111-rmd160
            H2222222222222222222222222222222222222222-shake128
            T1795468395
            M3333333333333333333333333333333333333333
            Y4444444444444444444444444444444444444444
            """;

    private static final String REQUIRED = """
            C0123456789abcdef0123456789abcdef01234567
            Rd41d8cd98f00b204e9800998ecf8427e
            D240
            S7
            """;

    @Test
    void everyFieldIsRead() {
        Manifest manifest = parse(FULL);

        assertThat(manifest)
                .isEqualTo(new Manifest(
                        ContentHash.parse("0123456789abcdef0123456789abcdef01234567"),
                        24576,
                        Manifest.ROOT_PATH_HASH,
                        Duration.ofMinutes(4),
                        new Revision(-1),
                        new RepositoryName("sample.example.org"),
                        ContentHash.parse("1111111111111111111111111111111111111111-rmd160"),
                        ContentHash.parse("2222222222222222222222222222222222222222-shake128"),
                        Instant.parse("2026-11-23T21:13:15Z"),
                        ContentHash.parse("3333333333333333333333333333333333333333"),
                        ContentHash.parse("4444444444444444444444444444444444444444"),
                        true,
                        false,
                        ContentHash.parse("0000000000000000000000000000000000000000")));
        assertThat(manifest.isOfRoot()).isTrue();
    }

    @Test
    void whatIsWrittenIsWhatCernVmFsWrites() {
        assertThat(parse(FULL).toText()).isEqualTo(FULL);
    }

    @Test
    void theFieldsThatMayBeMissingAreLeftOutWhenWritten() {
        assertThat(parse(REQUIRED).toText()).isEqualTo("""
                        C0123456789abcdef0123456789abcdef01234567
                        B0
                        Rd41d8cd98f00b204e9800998ecf8427e
                        D240
                        S7
                        Gno
                        Ano
                        """);
    }

    @Test
    void linesMayComeInAnyOrderAndUnknownOnesAreIgnored() {
        Manifest manifest = parse("""

                S7
                Zbranch
                ?
                D240
                -
                \u00ff
                Rd41d8cd98f00b204e9800998ecf8427e
                C0123456789abcdef0123456789abcdef01234567
                """);

        assertThat(manifest).isEqualTo(parse(REQUIRED));
    }

    @Test
    void theLastOfSeveralEqualLettersWins() {
        assertThat(parse(REQUIRED + "S8\nGyes\nGno\n").revision()).hasToString("8");
        assertThat(parse(REQUIRED + "Gyes\nGno\n").garbageCollectable()).isFalse();
    }

    @Test
    void theSignatureIsNotReadAsFields() {
        assertThat(parse(REQUIRED + "--\nS9\nS10\n").revision()).hasToString("7");
    }

    @Test
    void aManifestCutWithinItsRevisionHasNone() {
        String cut = REQUIRED.substring(0, REQUIRED.length() - "7\n".length()) + "42";

        assertThatThrownBy(() -> parse(cut))
                .isInstanceOf(ManifestFormatException.class)
                .hasMessage("manifest has no line 'S'");
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    C, 0123, 'line 1: field C: content hash'
                    C, 0123456789ABCDEF0123456789abcdef01234567, 'line 1: field C: content hash'
                    C, 0123456789abcdef0123456789abcdef01234567-md5, 'line 1: field C: content hash'
                    C, 0123456789abcdef0123456789abcdef01234567C, 'line 1: field C: content hash'
                    R, d41d8cd98f00b204e9800998ecf8427, 'line 2: field R: '
                    D, 253402300800, 'line 3: field D: 253402300800 seconds are more than 253402300799'
                    D, -1, 'line 3: field D: '
                    S, '', 'line 4: field S: revision '''' is not a decimal number'
                    S, 18446744073709551616, 'line 4: field S: revision'
                    S, -1, 'line 4: field S: revision'
                    S, 1e3, 'line 4: field S: revision'
                    S, ' 7', 'line 4: field S: revision'
                    S, ٣, 'line 4: field S: revision'
                    """)
    void aFieldThatCannotBeReadIsNamedWithItsLine(char letter, String value, String message) {
        String text = REQUIRED.replaceFirst("(?m)^" + letter + ".*$", letter + value);

        ManifestFormatException e = catchThrowableOfType(ManifestFormatException.class, () -> parse(text));

        assertThat(e).hasMessageStartingWith(message);
        assertThat(e.line()).isEqualTo("CRDS".indexOf(letter) + 1);
    }

    @ParameterizedTest
    @CsvSource({"N,a b", "X,1", "H,1", "T,x", "M,1", "Y,1", "L,1", "B,-1"})
    void anOptionalFieldThatIsThereMustBeReadable(char letter, String value) {
        ManifestFormatException e = catchThrowableOfType(
                ManifestFormatException.class, () -> parse(REQUIRED + "Zignored\n" + letter + value + "\n"));

        assertThat(e).hasMessageStartingWith("line 6: field %c: ", letter);
        assertThat(e.line()).isEqualTo(6);
    }

    @ParameterizedTest
    @CsvSource({"C", "R", "D", "S"})
    void aMissingFieldIsNamed(String letter) {
        String text = REQUIRED.replaceFirst("(?m)^" + letter + ".*\n", "");

        assertThatThrownBy(() -> parse(text))
                .isInstanceOfSatisfying(
                        ManifestFormatException.class, e -> assertThat(e.line()).isZero())
                .hasMessage("manifest has no line '%s'", letter);
    }

    @Test
    void aManifestOfASubtreeIsNotOfTheRoot() {
        assertThat(parse(REQUIRED.replace("Rd41d8", "Rd41d9")).isOfRoot()).isFalse();
    }

    @Test
    void theMessageOfAnErrorIsShortAndOnOneLineWhateverTheInput() {
        String hostile = "S" + "\u0000\u0085\u001b[31m".repeat(10_000) + "\n";

        assertThatThrownBy(() -> parse(REQUIRED + hostile))
                .hasMessageMatching("\\P{Cntrl}{1,200}")
                .message()
                .doesNotContain("\u0085");
    }

    @Test
    void damagedInputGivesAManifestThatCanBeWrittenOrAnErrorOfThisLibrary() {
        byte[] good = (FULL + "--\nhash\n\0\n--\n\u00ff").getBytes(ISO_8859_1);
        int readable = 0;
        for (byte[] damaged : Mutations.of(good, 20_000, 2)) {
            try {
                Manifest manifest = Manifest.parse(damaged);
                assertThat(parse(manifest.toText())).isEqualTo(manifest);
                readable++;
            } catch (ManifestFormatException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
        assertThat(readable).as("both outcomes occur").isBetween(1_000, Mutations.times(19_000));
    }

    private static Manifest parse(String latin1) {
        return Manifest.parse(latin1.getBytes(ISO_8859_1));
    }
}
