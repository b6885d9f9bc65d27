package io.jenkins.plugins.cvmfs.notify.client.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepositoryNameTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "0",
                "atlas.cern.ch",
                "A-b_c.D-9",
                "x..",
                "123456789012345678901234567890123456789012345678901234567890"
            })
    void namesThatTheServerToolsAllowAreAllowed(String name) {
        assertThat(new RepositoryName(name)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".a", "-a", "_a", "a b", "a/b", "..", "a\n", "a\0", "ä", "a*", "a#", "a\u0130", "a\\", "a\"",
            })
    void otherCharactersAreRefusedWithTheirPosition(String name) {
        assertThatThrownBy(() -> new RepositoryName(name))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageMatching(".* has a character at position [12] that is not allowed.*");
    }

    @Test
    void theLengthIsLimited() {
        assertThatThrownBy(() -> new RepositoryName("")).hasMessageContaining("has 0 characters, allowed are 1 to 60");
        assertThatThrownBy(() -> new RepositoryName("a".repeat(61))).hasMessageContaining("has 61 characters");
    }
}
