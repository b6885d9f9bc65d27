package io.jenkins.plugins.cvmfs.notify.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptorsTest {

    @ParameterizedTest
    @CsvSource({
        "100000, 1048576, 100000",
        "100000, 100512, 100000",
        "100000, 100511, 99999",
        "100000, 1024, 512",
        "100000, 600, 300",
        "3, 64, 3",
    })
    void noMoreConnectionsThanTheSystemAllowsFilesLessWhatElseIsOpen(int configured, long allowed, int connections) {
        assertThat(Descriptors.connections(configured, allowed)).isEqualTo(connections);
    }
}
