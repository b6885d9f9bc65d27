package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import org.junit.jupiter.api.Test;

class PasswordHashTest {

    private static final Secret PASSWORD = new Secret("correct horse, Pferd, 馬");

    @Test
    void aHashMatchesItsPasswordAndNoOther() {
        String hash = PasswordHash.of(PASSWORD);

        assertThat(PasswordHash.matches(hash, PasswordHash.ALGORITHM, PASSWORD)).isTrue();
        assertThat(PasswordHash.matches(hash, PasswordHash.ALGORITHM, new Secret("battery")))
                .isFalse();
        assertThat(PasswordHash.matches(hash, "rabbit_password_hashing_sha512", PASSWORD))
                .isFalse();
    }

    @Test
    void twoHashesOfOnePasswordDiffer() {
        assertThat(PasswordHash.of(PASSWORD)).isNotEqualTo(PasswordHash.of(PASSWORD));
    }

    /** Made by RabbitMQ 4.0 for the password {@code x}. */
    @Test
    void aHashMadeByTheBrokerMatches() {
        String hash = "JDC+hJELWupNrq8YmVgmSwfa78qM9SDpR88RjSwrJhX1T3Ml";

        assertThat(PasswordHash.matches(hash, PasswordHash.ALGORITHM, new Secret("x")))
                .isTrue();
        assertThat(PasswordHash.matches(hash, PasswordHash.ALGORITHM, new Secret("y")))
                .isFalse();
    }

    @Test
    void anInvalidHashMatchesNothing() {
        for (String noHash : new String[] {"", "AAAA", "not base64!"}) {
            assertThat(PasswordHash.matches(noHash, PasswordHash.ALGORITHM, PASSWORD))
                    .isFalse();
        }
        assertThat(PasswordHash.matches(PasswordHash.of(PASSWORD), "something_new", PASSWORD))
                .isFalse();
    }
}
