package io.jenkins.plugins.cvmfs.notify.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The build makes both packages twice, some seconds apart. */
class ReproducibleIT {

    private static final Path AGAIN = Path.of("target/again");

    @Test
    void twoDebsOfTheSameFilesHaveTheSameBytes() {
        assertThat(AGAIN.resolve("cvmfs-notify.deb")).hasSameBinaryContentAs(Packages.DEB);
    }

    @Test
    void twoRpmsOfTheSameFilesHaveTheSameBytes() {
        assertThat(AGAIN.resolve("cvmfs-notify.rpm")).hasSameBinaryContentAs(Packages.RPM);
    }
}
