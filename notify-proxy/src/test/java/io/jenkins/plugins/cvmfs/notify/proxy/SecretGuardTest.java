package io.jenkins.plugins.cvmfs.notify.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class SecretGuardTest {

    private static final Logger LOG = LoggerFactory.getLogger(SecretGuardTest.class);

    @Test
    void aSecretIsFoundInAMessageAValueAndAnException() {
        String token = TokenHash.mint().token().value();

        LOG.debug("a message: {}", token);
        LOG.atDebug().addKeyValue("token", token).log("a value");
        LOG.atDebug()
                .setCause(new IllegalStateException(new IllegalArgumentException(token)))
                .log("an exception");

        assertThat(SecretGuard.takeFound())
                .anySatisfy(found -> assertThat(found).contains("a message"))
                .anySatisfy(found -> assertThat(found).contains("a value"))
                .anySatisfy(found -> assertThat(found).contains("IllegalArgumentException"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: Bearer abcdefgh",
                "Authorization: Basic dXNlcjpwYXNz",
                "subprotocols json, bearer.cvmfs-notify_x",
                "plain_text keyid secret",
                "-----BEGIN RSA PRIVATE KEY-----",
                "{\"version\":1,\"manifest\":\"QzAx\"}"
            })
    void eachKindOfSecretIsFound(String text) {
        assertThat(SecretGuard.find(text)).hasSize(1);
    }

    @Test
    void whatIsNotSecretIsNot() {
        assertThat(SecretGuard.find("who: token 'CI' (abcdefgh), cvmfs-notify_abcdefgh, Bearer token needed"))
                .isEmpty();
    }
}
