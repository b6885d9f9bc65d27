package io.jenkins.plugins.cvmfs.notify.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NotificationServerTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://host:4930/api/v1",
                "http://host:4930/api/v1/",
                "http://host:4930/api/v1//",
                "ws://host:4930/api/v1",
                "http://host:4930",
                "http://host:4930/",
                "ws://host:4930//"
            })
    void aBaseUrlMeansBothGenerations(String text) {
        NotificationServer server = NotificationServer.parse(text);

        assertThat(server.publishUrls())
                .containsExactly(
                        URI.create("http://host:4930/api/v1/publish"),
                        URI.create("http://host:4930/api/v1/notifications/publish"));
        assertThat(server.webSocketUrl()).hasToString("http://host:4930/api/v1/subscribe");
        assertThat(server.eventStreamUrl()).hasToString("http://host:4930/api/v1/notifications/subscribe");
        assertThat(server).hasToString("http://host:4930/api/v1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://host/api/v1/subscribe",
                "https://host/api/v1/publish",
                "wss://host/api/v1/publish/",
                "https://host/api/v1/publish//"
            })
    void aFullUrlOfGeneration1MeansOnlyThatGeneration(String text) {
        NotificationServer server = NotificationServer.parse(text);

        assertThat(server.publishUrls()).containsExactly(URI.create("https://host/api/v1/publish"));
        assertThat(server.webSocketUrl()).hasToString("https://host/api/v1/subscribe");
        assertThat(server.eventStreamUrl()).hasToString("https://host/api/v1/subscribe");
    }

    @Test
    void aBaseUrlInAFolderOfAReverseProxyIsUsedUnchanged() {
        NotificationServer server = NotificationServer.parse("https://host/notify/");

        assertThat(server.webSocketUrl()).hasToString("https://host/notify/subscribe");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://host:4929/api/v1/notifications/subscribe",
                "http://host:4929/api/v1/notifications/subscribe/",
                "http://host:4929/api/v1/notifications",
                "http://host:4929/api/v1/notifications/"
            })
    void aFullUrlOfGeneration2MeansOnlyThatGeneration(String text) {
        NotificationServer server = NotificationServer.parse(text);

        assertThat(server.publishUrls()).containsExactly(URI.create("http://host:4929/api/v1/notifications/publish"));
        assertThat(server.webSocketUrl()).hasToString("http://host:4929/api/v1/notifications/subscribe");
        assertThat(server.eventStreamUrl()).hasToString("http://host:4929/api/v1/notifications/subscribe");
    }

    @ParameterizedTest
    @CsvSource({
        "http://user:secret@host/api/v1, carries credentials",
        "ftp://user:secret@host/api/v1, is not an http or https URL",
        "'', the notification server's URL is missing",
        "' ', the notification server's URL is missing",
        "host:4930/api/v1, is not an http or https URL; it begins with http:// or https://",
        "127.0.0.1:4930, is not an http or https URL; it begins with http:// or https://",
        "user:secret@host:4930, '…@host:4930'",
        "http://host/api/v1?token=user:secret, has a query",
        "'http://ho st/secret@', is not a URL"
    })
    void anInvalidServerUrlIsRefusedWithTheReason(String text, String problem) {
        assertThatThrownBy(() -> NotificationServer.parse(text))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(problem)
                .hasMessageNotContaining("user:secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://host:4930",
                "http://host:4930/api/v1/",
                "ws://host:4930/api/v1/subscribe",
                "http://host:4930/api/v1/publish",
                "http://host:4930/api/v1/notifications",
                "http://host:4930/api/v1/notifications/subscribe"
            })
    void everyAddressLeadsToTheApi(String text) {
        assertThat(NotificationServer.parse(text).apiUrl()).hasToString("http://host:4930/api/v1");
    }

    @Test
    void aSlashAtTheEndDoesNotChangeTheServer() {
        // Given
        NotificationServer server = NotificationServer.parse("https://notify.example.org/api/v1");

        // When
        NotificationServer slashed = NotificationServer.parse("https://notify.example.org/api/v1/");

        // Then
        assertThat(slashed).isEqualTo(server).hasSameHashCodeAs(server);
        assertThat(NotificationServer.parse("https://notify.example.org"))
                .isEqualTo(server)
                .hasToString("https://notify.example.org/api/v1");
        assertThat(slashed).isNotEqualTo(NotificationServer.parse("http://notify.example.org/api/v1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"notifications", "publish", "subscribe"})
    void aHostNameIsNotMistakenForAService(String host) {
        NotificationServer server = NotificationServer.parse("http://" + host);

        assertThat(server).isEqualTo(NotificationServer.parse("http://" + host + "/api/v1"));
        assertThat(server.webSocketUrl()).hasToString("http://" + host + "/api/v1/subscribe");
    }
}
