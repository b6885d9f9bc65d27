package io.jenkins.plugins.cvmfs.notify.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ResultsTest {

    @Test
    void theMiddleOfAnOddNumberOfValuesIsOneOfThem() {
        assertThat(Results.median(9, 1, 5)).isEqualTo(5);
    }

    @Test
    void theMiddleOfAnEvenNumberOfValuesLiesBetweenTwo() {
        assertThat(Results.median(4, 1, 2, 9)).isEqualTo(3);
    }

    @Test
    void nothingHasNoMiddle() {
        assertThat(Results.median()).isNaN();
    }
}
