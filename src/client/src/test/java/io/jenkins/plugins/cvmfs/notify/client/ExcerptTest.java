package io.jenkins.plugins.cvmfs.notify.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExcerptTest {

    @Test
    void aShortPrintableTextStaysAsItIs() {
        assertThat(Excerpt.of("Größe 7 😀")).isEqualTo("Größe 7 😀");
        assertThat(Excerpt.of("x".repeat(80))).isEqualTo("x".repeat(80));
    }

    @Test
    void aLongTextIsCut() {
        assertThat(Excerpt.of("x".repeat(1_000_000))).isEqualTo("x".repeat(80) + "…");
    }

    @Test
    void charactersThatBreakALineOrHideTextAreReplaced() {
        assertThat(Excerpt.of("a\nb\r\tc\0\u001b[1m\u007f\u0085\u2028\u2029\u202e\u200b"))
                .isEqualTo("a?b??c??[1m??????");
    }

    @Test
    void aCharacterCutInHalfIsReplaced() {
        assertThat(Excerpt.of("x".repeat(79) + "😀")).isEqualTo("x".repeat(79) + "?…");
    }
}
