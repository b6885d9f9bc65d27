package io.jenkins.plugins.cvmfs.notify.proxy.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SocketActivationTest {

    @Test
    void withoutAServiceManagerThereIsNoSocket() {
        assertThat(SocketActivation.socket(Map.of(), 42)).isEmpty();
    }

    @Test
    void aSocketForAnotherProcessIsIgnored() {
        assertThat(SocketActivation.socket(Map.of("LISTEN_PID", "41", "LISTEN_FDS", "1"), 42))
                .isEmpty();
    }

    @Test
    void severalSocketsAreRefused() {
        assertThatThrownBy(() -> SocketActivation.socket(Map.of("LISTEN_PID", "42", "LISTEN_FDS", "2"), 42))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("2 sockets")
                .hasMessageContaining("ListenStream");
    }
}
