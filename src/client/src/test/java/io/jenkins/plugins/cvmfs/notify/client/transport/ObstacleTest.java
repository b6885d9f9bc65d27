package io.jenkins.plugins.cvmfs.notify.client.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.nio.channels.UnresolvedAddressException;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ObstacleTest {

    private static final URI URL = URI.create("http://a.example/api/v1/publish");

    @ParameterizedTest
    @MethodSource("failures")
    void theCauseTells(Throwable failure, Obstacle obstacle) {
        TransientFailureException last = new TransientFailureException(
                "gave up after 3 attempts", HttpErrors.of("it", new CompletionException(failure)));

        assertThat(Obstacle.of(last)).isEqualTo(obstacle);
    }

    static Stream<Arguments> failures() {
        ConnectException unresolved = new ConnectException();
        unresolved.initCause(new UnresolvedAddressException());
        return Stream.of(
                Arguments.of(unresolved, Obstacle.UNKNOWN_HOST),
                Arguments.of(new ConnectException("Connection refused"), Obstacle.NOT_LISTENING),
                Arguments.of(new HttpConnectTimeoutException("timed out"), Obstacle.SILENT),
                Arguments.of(new SocketTimeoutException(), Obstacle.SILENT),
                Arguments.of(new IOException("closed", new SSLHandshakeException("no path")), Obstacle.TLS),
                Arguments.of(new IOException("Tunnel failed, got: 403"), Obstacle.HTTP_PROXY),
                Arguments.of(new IOException("reset", new EOFException()), Obstacle.CUT_OFF),
                Arguments.of(new InvalidInputException("bad token"), Obstacle.OTHER));
    }

    @ParameterizedTest
    @CsvSource({
        "401, CREDENTIALS",
        "403, RIGHT",
        "404, NO_SERVICE",
        "407, HTTP_PROXY",
        "429, TOO_MANY",
        "302, NO_SERVICE",
        "500, UNAVAILABLE",
        "502, SERVER_BEHIND",
        "503, UNAVAILABLE",
        "504, SERVER_BEHIND",
        "508, LOOP"
    })
    void theStatusOfAnAnswerTells(int status, Obstacle obstacle) {
        HttpHeaders none = HttpHeaders.of(Map.of(), (name, value) -> true);

        assertThat(Obstacle.of(HttpErrors.ofStatus(status, none, URL, Instant.EPOCH)))
                .isEqualTo(obstacle);
    }

    @Test
    void aConnectionThatEndsWithoutAnAnswerIsNotToldInTheWordsOfTheJdk() {
        IOException jdk = new IOException("HTTP/1.1 header parser received no bytes", new EOFException("EOF reached"));

        assertThat(HttpErrors.of("it", jdk)).hasMessage("it: the server closed the connection without an answer");
    }
}
