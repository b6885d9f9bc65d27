package io.jenkins.plugins.cvmfs.notify.client.transport;

import static io.jenkins.plugins.cvmfs.notify.client.transport.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.message.CallerRights;
import io.jenkins.plugins.cvmfs.notify.client.message.ServerReply;
import java.io.IOException;
import java.net.Authenticator;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {

    private static Network.Builder handedIn() {
        return Network.builder().httpClient(HttpClient.newHttpClient());
    }

    private static Stream<Network.Builder> contradictions() throws NoSuchAlgorithmException {
        return Stream.of(
                handedIn().proxy(ProxySelector.of(null)),
                handedIn().tls(SSLContext.getDefault()),
                handedIn().proxyAuthenticator(new Authenticator() {}));
    }

    @ParameterizedTest
    @MethodSource("contradictions")
    void settingsOfAGivenHttpClientCannotBeSetOnTheNetwork(Network.Builder contradiction) {
        assertThatThrownBy(contradiction::build)
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("belong to the HTTP client that was handed in");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S"})
    void aReadTakesSomeTime(Duration limit) {
        assertThatThrownBy(() -> Network.builder().readTimeLimit(limit).build())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("read time limit is " + limit);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " x", "cvmfs/2.12.0", "x\r\nHost: y", "naïve"})
    void aUserAgentThatServersWouldMisunderstandIsRefused(String userAgent) {
        assertThatThrownBy(() -> Network.builder().userAgent(userAgent).build())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("user agent");
    }

    @Test
    void aSubscriberOfAClosedNetworkIsClosed() {
        Network network = Network.builder().build();
        network.close();

        NotificationSubscriber subscriber = network.subscriber(
                SubscriberSettings.of(NotificationServer.parse("http://127.0.0.1:1/api/v1")), new RecordingListener());

        assertThat(subscriber.subscribe(Samples.ATLAS)).isCancelled();
    }

    @Test
    void serversAreToldTheNameOfTheProgram() throws IOException {
        try (ScriptedServer server =
                        ScriptedServer.start(ScriptedServer.answering(c -> c.answer(200, ServerReply.PUBLISHED)));
                Network network = Network.builder().userAgent("farm/1.0 (test)").build()) {
            NotificationServer target =
                    NotificationServer.parse(server.url("/api/v1").toString());

            get(network.publisher(PublisherSettings.of(target)).publish(Samples.activity(Samples.ATLAS, 7)));

            assertThat(server.connection(0).header("User-Agent")).isEqualTo("farm/1.0 (test)");
        }
    }

    @Test
    void aServerTellsWhatATokenAllows() throws IOException {
        String told = "{\"credentials\":\"valid\",\"publish\":[\"sw.*\"],\"subscribe\":[\"*\"],\"repositories\":["
                + "{\"repository\":\"atlas.cern.ch\",\"publish\":\"no\",\"subscribe\":\"yes\"}]}";
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer.answering(c -> c.answer(200, told)));
                Network network = Network.builder().build()) {
            CallerRights rights = get(network.rights(
                            NotificationServer.parse(
                                    server.url("/api/v1/publish").toString()),
                            () -> Optional.of("secret"),
                            List.of(Samples.ATLAS)))
                    .orElseThrow();

            assertThat(server.connection(0).header("Authorization")).isEqualTo("Bearer secret");
            assertThat(rights.hasCredentials()).isTrue();
            assertThat(rights.publish()).containsExactly("sw.*");
            assertThat(rights.subscribe()).containsExactly("*");
            assertThat(rights.repositories())
                    .containsExactly(Map.entry(Samples.ATLAS, new CallerRights.PerRepository("no", "yes")));
        }
    }

    @ParameterizedTest
    @CsvSource({"404, {}", "200, <html/>", "200, {}", "500, {}"})
    void aServerThatDoesNotTellRightsIsNoError(int status, String body) throws IOException {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer.answering(c -> c.answer(status, body)));
                Network network = Network.builder().build()) {
            assertThat(get(network.rights(
                            NotificationServer.parse(server.url("/api/v1").toString()), TokenSource.NONE, List.of())))
                    .isEmpty();
        }
    }

    @Test
    void aTokenThatIsNotValidIsRefused() throws IOException {
        try (ScriptedServer server = ScriptedServer.start(ScriptedServer.answering(c -> c.answer(401, "{}")));
                Network network = Network.builder().build()) {
            assertThat(network.rights(
                            NotificationServer.parse(server.url("/api/v1").toString()), TokenSource.NONE, List.of()))
                    .failsWithin(Duration.ofMinutes(1))
                    .withThrowableThat()
                    .withCauseInstanceOf(RefusedException.class)
                    .withMessageContaining("the server asks for valid credentials (401)");
        }
    }
}
