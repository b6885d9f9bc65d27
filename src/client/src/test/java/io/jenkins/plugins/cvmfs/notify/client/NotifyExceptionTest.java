package io.jenkins.plugins.cvmfs.notify.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class NotifyExceptionTest {

    private final IOException cause = new FileNotFoundException("keys.pem");

    @Test
    void wrappersOfFuturesAreTakenOff() {
        assertThat(NotifyException.unwrapped(new ExecutionException(new CompletionException(cause))))
                .isSameAs(cause);
        assertThat(NotifyException.unwrapped(cause)).isSameAs(cause);
        CompletionException bare = new CompletionException("no cause", null);
        assertThat(NotifyException.unwrapped(bare)).isSameAs(bare);
    }

    @Test
    void theFirstCauseOfATypeIsFound() {
        IllegalStateException outer = new IllegalStateException(new CompletionException(cause));

        assertThat(NotifyException.find(IOException.class, outer)).containsSame(cause);
        assertThat(NotifyException.find(RuntimeException.class, outer)).containsSame(outer);
        assertThat(NotifyException.find(InterruptedException.class, outer)).isEmpty();
    }

    @Test
    void aReasonIsOneLineAndNamesAnUnexpectedClass() {
        assertThat(NotifyException.reason(new CompletionException(new InvalidInputException("revision\n-1"))))
                .isEqualTo("revision -1");
        assertThat(NotifyException.reason(cause)).isEqualTo("java.io.FileNotFoundException: keys.pem");
    }
}
