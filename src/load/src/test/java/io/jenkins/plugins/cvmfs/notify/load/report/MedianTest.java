package io.jenkins.plugins.cvmfs.notify.load.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MedianTest {

    @Test
    void theMiddleOfAnOddNumberOfValuesIsOneOfThem() {
        assertThat(Median.of(9, 1, 5)).isEqualTo(5);
    }

    @Test
    void theMiddleOfAnEvenNumberOfValuesLiesBetweenTwo() {
        assertThat(Median.of(4, 1, 2, 9)).isEqualTo(3);
    }

    @Test
    void nothingHasNoMiddle() {
        assertThat(Median.of()).isNaN();
    }
}
