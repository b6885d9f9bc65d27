package io.jenkins.plugins.cvmfs.notify.client.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RevisionTest {

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "9223372036854775807", "9223372036854775808", "18446744073709551615"})
    void everyUnsignedNumberOf64BitsIsReadAndWritten(String text) {
        assertThat(Revision.parse(text)).hasToString(text);
    }

    @Test
    void revisionsAreComparedAsUnsigned() {
        Revision highest = Revision.parse("18446744073709551615");
        Revision middle = Revision.parse("9223372036854775808");
        Revision signedHighest = Revision.parse("9223372036854775807");

        assertThat(highest.isNewerThan(middle)).isTrue();
        assertThat(middle.isNewerThan(signedHighest)).isTrue();
        assertThat(signedHighest.isNewerThan(Revision.ZERO)).isTrue();
        assertThat(Revision.ZERO.isNewerThan(highest)).isFalse();
        assertThat(highest.isNewerThan(highest)).isFalse();
    }

    @Test
    void leadingZerosDoNotMatter() {
        assertThat(Revision.parse("00000000000000000000000000000000042")).isEqualTo(new Revision(42));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " 1", "1 ", "+1", "-1", "0x1", "1.0", "18446744073709551616", "99999999999999999999", "१"})
    void anythingElseIsRefused(String text) {
        assertThatThrownBy(() -> Revision.parse(text))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("revision '%s' is", text);
    }
}
