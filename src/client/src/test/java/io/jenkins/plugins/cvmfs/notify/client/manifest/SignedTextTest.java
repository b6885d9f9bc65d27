package io.jenkins.plugins.cvmfs.notify.client.manifest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.jenkins.plugins.cvmfs.notify.client.Mutations;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignedTextTest {

    @Test
    void theTextEndsBeforeTheSeparatorAndTheSignatureIsTheRest() {
        SignedText signed = parse("S1\nNx\n--\nhash\nsignature");

        assertThat(signed.text()).isEqualTo(bytes("S1\nNx\n"));
        assertThat(signed.lines()).containsExactly("S1", "Nx");
        assertThat(signed.hashLine()).hasValue("hash");
        assertThat(signed.signature()).isEqualTo(bytes("signature"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n--\n", "--\n", "\n", "a\0b", "\r\n", "\u00ff\u00fe\u0080\u00c3(", ""})
    void anyBytesAreASignature(String signature) {
        SignedText signed = parse("S1\n--\nhash\n" + signature);

        assertThat(signed.lines()).containsExactly("S1");
        assertThat(signed.hashLine()).hasValue("hash");
        assertThat(signed.signature()).isEqualTo(bytes(signature));
    }

    @Test
    void whatIsPutTogetherIsReadBack() {
        byte[] signature = new byte[256];
        for (int i = 0; i < signature.length; i++) {
            signature[i] = (byte) i;
        }

        SignedText signed = SignedText.of("S1\n", "hash", signature);

        SignedText again = SignedText.parse(signed.bytes());
        assertThat(again.text()).isEqualTo(bytes("S1\n"));
        assertThat(again.hashLine()).hasValue("hash");
        assertThat(again.signature()).isEqualTo(signature);
    }

    @Test
    void onlyALineOfExactlyTwoDashesSeparates() {
        assertThat(parse("S1\n--x\n ---\n---\nx--\n--\r\nS2\n--\nhash\n").lines())
                .containsExactly("S1", "--x", " ---", "---", "x--", "--\r", "S2");
    }

    @Test
    void aTextWithoutSeparatorIsUnsigned() {
        SignedText unsigned = parse("S1\nS2\n");

        assertThat(unsigned.text()).isEqualTo(bytes("S1\nS2\n"));
        assertThat(unsigned.lines()).containsExactly("S1", "S2");
        assertThat(unsigned.hashLine()).isEmpty();
        assertThat(unsigned.signature()).isEmpty();
    }

    @Test
    void aLineThatWasCutShortIsNoLine() {
        assertThat(parse("Nx\nS4").lines()).containsExactly("Nx");
        assertThat(parse("S4217").lines()).isEmpty();
        assertThat(parse("S4\n--").lines()).containsExactly("S4");
    }

    @Test
    void aCarriageReturnEndsNoLine() {
        assertThat(parse("Nx\rS9\nS1\r\n").lines()).containsExactly("Nx\rS9", "S1\r");
    }

    @Test
    void emptyInputsAndCutOnesHaveEmptyParts() {
        assertThat(parse("").lines()).isEmpty();
        assertThat(parse("").hashLine()).isEmpty();
        assertThat(parse("--\n").lines()).isEmpty();
        assertThat(parse("--\n").hashLine()).hasValue("");
        assertThat(parse("S1\n--\nha").hashLine()).hasValue("ha");
        assertThat(parse("S1\n--\nha").signature()).isEmpty();
    }

    @Test
    void laterChangesToAnArrayDoNotReachTheText() {
        byte[] bytes = bytes("S1\n--\nhash\nsignature");
        SignedText signed = SignedText.parse(bytes);

        Arrays.fill(bytes, (byte) 'x');
        Arrays.fill(signed.bytes(), (byte) 'y');
        Arrays.fill(signed.text(), (byte) 'z');

        assertThat(signed.bytes()).isEqualTo(bytes("S1\n--\nhash\nsignature"));
    }

    @Test
    void damagedInputIsReadWithoutAFailureAndNoByteIsLost() {
        for (byte[] damaged : Mutations.of(bytes("S1\nNx\n--\nhash\n\0\n--\nsignature"), 20_000, 1)) {
            assertThatNoException().isThrownBy(() -> assertPartsAddUp(damaged));
        }
    }

    private static void assertPartsAddUp(byte[] bytes) {
        SignedText signed = SignedText.parse(bytes);
        assertThat(signed.bytes()).isEqualTo(bytes);
        assertThat(signed.lines()).allSatisfy(line -> assertThat(line).doesNotContain("\n"));
        String whole = new String(bytes, ISO_8859_1);
        String head = new String(signed.text(), ISO_8859_1)
                + signed.hashLine().map(hash -> "--\n" + hash).orElse("");
        String tail = new String(signed.signature(), ISO_8859_1);
        assertThat(whole).isIn(head, head + "\n" + tail);
    }

    private static SignedText parse(String latin1) {
        return SignedText.parse(bytes(latin1));
    }

    private static byte[] bytes(String latin1) {
        return latin1.getBytes(ISO_8859_1);
    }
}
