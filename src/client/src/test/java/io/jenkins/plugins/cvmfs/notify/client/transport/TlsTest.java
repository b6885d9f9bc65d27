package io.jenkins.plugins.cvmfs.notify.client.transport;

import static io.jenkins.plugins.cvmfs.notify.client.transport.Outcomes.get;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.ATLAS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ServerReply;
import java.io.IOException;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which servers are trusted with TLS, by each of the two HTTP clients. */
class TlsTest {

    /** Why a client that was set up for the right server must not talk to this one. */
    enum Impostor {
        UNTRUSTED {
            @Override
            ServerIdentity server() throws GeneralSecurityException, IOException {
                return ServerIdentity.ofAddress("127.0.0.1");
            }

            @Override
            ServerIdentity trusted(ServerIdentity server) throws GeneralSecurityException, IOException {
                return ServerIdentity.ofAddress("127.0.0.1");
            }
        },
        OF_ANOTHER_HOST {
            @Override
            ServerIdentity server() throws GeneralSecurityException, IOException {
                return ServerIdentity.ofHost("other.example.org");
            }
        };

        abstract ServerIdentity server() throws GeneralSecurityException, IOException;

        /** Whom the client trusts. */
        ServerIdentity trusted(ServerIdentity server) throws GeneralSecurityException, IOException {
            return server;
        }
    }

    private final RecordingListener recorded = new RecordingListener();
    private ScriptedServer server;
    private Network network;
    private SSLContext defaultBefore;

    @AfterEach
    void stop() throws IOException {
        network.close();
        server.close();
        if (defaultBefore != null) {
            SSLContext.setDefault(defaultBefore);
        }
        assertThat(server.failures()).isEmpty();
    }

    private void serve(ServerIdentity identity, ServerIdentity trusted, ScriptedServer.Script script)
            throws GeneralSecurityException, IOException {
        server = ScriptedServer.startWithTls(identity.sockets(), script);
        network = Network.builder().tls(trusted.trusted()).build();
    }

    private void serveTrusted(ScriptedServer.Script script) throws GeneralSecurityException, IOException {
        ServerIdentity identity = ServerIdentity.ofAddress("127.0.0.1");
        serve(identity, identity, script);
    }

    private void serve(Impostor impostor) throws GeneralSecurityException, IOException {
        ServerIdentity identity = impostor.server();
        serve(
                identity,
                impostor.trusted(identity),
                ScriptedServer.answering(c -> c.answer(200, ServerReply.PUBLISHED)));
    }

    private String url(String path) {
        return "https://127.0.0.1:" + server.port() + path;
    }

    private NotificationServer notificationServer() {
        return NotificationServer.parse(url("/api/v1"));
    }

    private void subscribe(SubscriberSettings.Protocol protocol) {
        network.subscriber(SubscriberSettings.of(notificationServer()).withProtocol(protocol), recorded)
                .subscribe(ATLAS);
    }

    @ParameterizedTest
    @EnumSource
    void noRepositoryIsReadFromAnUntrustedServer(Impostor impostor) throws Exception {
        serve(impostor);
        RepositoryLocation location = RepositoryLocation.parse(url("/cvmfs/atlas.cern.ch"));

        assertThatThrownBy(() -> get(network.repositoryReader().manifest(location, null)))
                .isInstanceOf(PermanentFailureException.class)
                .hasMessageContaining(url("/cvmfs/atlas.cern.ch/.cvmfspublished: the TLS handshake failed: "));
        assertThat(server.requestLines()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void anUntrustedServerGetsNeitherTheMessageNorTheToken(Impostor impostor) throws Exception {
        serve(impostor);
        NotificationPublisher publisher =
                network.publisher(PublisherSettings.of(notificationServer()).withToken(TokenSource.of("s3cret")));

        assertThatThrownBy(() -> get(publisher.publish(Samples.activity(ATLAS, 7))))
                .isInstanceOf(PermanentFailureException.class)
                .hasMessageContaining("the TLS handshake failed");
        assertThat(server.requestLines()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void anUntrustedServerGetsNoSubscriptionByAnyProtocol(Impostor impostor) throws Exception {
        serve(impostor);

        subscribe(SubscriberSettings.Protocol.WEBSOCKET);
        subscribe(SubscriberSettings.Protocol.EVENT_STREAM);
        await().until(() -> recorded.causes().size() >= 2);

        assertThat(recorded.causes())
                .allSatisfy(cause -> assertThat(cause)
                        .isInstanceOf(PermanentFailureException.class)
                        .hasMessageContaining("the TLS handshake failed"));
        assertThat(recorded.lines()).containsOnly("disconnected");
        assertThat(server.requestLines()).isEmpty();
    }

    @Test
    void aTrustedServerIsReadFromAndPublishedTo() throws Exception {
        serveTrusted(ScriptedServer.answering(c -> {
            if (c.request().startsWith("GET ")) {
                c.answer(200, Samples.manifest(ATLAS, 7));
            } else {
                c.answer(200, ServerReply.PUBLISHED);
            }
        }));
        RepositoryLocation location = RepositoryLocation.parse(url("/cvmfs/atlas.cern.ch"));

        FetchedManifest manifest = get(network.repositoryReader().manifest(location, null));
        NotificationPublisher.Receipt receipt = get(
                network.publisher(PublisherSettings.of(notificationServer())).publish(Samples.activity(ATLAS, 7)));

        assertThat(manifest.manifest().revision()).isEqualTo(new Revision(7));
        assertThat(receipt.server()).hasToString(url("/api/v1/publish"));
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "EVENT_STREAM"})
    void withoutSettingsWhatTheJdkTrustsIsTrusted(SubscriberSettings.Protocol protocol) throws Exception {
        ServerIdentity identity = ServerIdentity.ofAddress("127.0.0.1");
        serveByDefault(identity, identity);
        RepositoryLocation location = RepositoryLocation.parse(url("/cvmfs/atlas.cern.ch"));

        subscribe(protocol);

        assertThatThrownBy(() -> get(network.repositoryReader().manifest(location, null)))
                .as("the answer is read, and is no manifest")
                .isInstanceOf(InvalidInputException.class);
        await().until(() -> server.requestLines().size() >= 2);
    }

    @ParameterizedTest
    @EnumSource
    void withoutSettingsNoImpostorIsTrusted(Impostor impostor) throws Exception {
        ServerIdentity identity = impostor.server();
        serveByDefault(identity, impostor.trusted(identity));

        assertThatThrownBy(() -> get(network.publisher(PublisherSettings.of(notificationServer()))
                        .publish(Samples.activity(ATLAS, 7))))
                .isInstanceOf(PermanentFailureException.class)
                .hasMessageContaining("the TLS handshake failed");
        assertThat(server.requestLines()).isEmpty();
    }

    /** The network is made before the JDK's default is set: it is asked at the first connection. */
    private void serveByDefault(ServerIdentity identity, ServerIdentity trusted)
            throws GeneralSecurityException, IOException {
        server = ScriptedServer.startWithTls(
                identity.sockets(), ScriptedServer.answering(c -> c.answer(200, ServerReply.PUBLISHED)));
        network = Network.builder().build();
        defaultBefore = SSLContext.getDefault();
        SSLContext.setDefault(trusted.trusted());
    }

    @Test
    void aTrustedServerIsSubscribedToByWebSocket() throws Exception {
        serveTrusted(connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            peer.readSubscription();
            peer.send(Samples.activityText(ATLAS, 7));
            peer.awaitEnd();
        });

        subscribe(SubscriberSettings.Protocol.WEBSOCKET);

        await().until(() -> recorded.lines().contains("atlas.cern.ch revision 7"));
    }

    @Test
    void aTrustedServerIsSubscribedToByEventStream() throws Exception {
        serveTrusted(connection -> {
            connection.readRequest();
            connection.write(SseAnswer.HEAD);
            SseAnswer.event(connection, Samples.activityText(ATLAS, 7), "e:1");
            connection.awaitEnd();
        });

        subscribe(SubscriberSettings.Protocol.EVENT_STREAM);

        await().until(() -> recorded.lines().contains("atlas.cern.ch revision 7"));
    }
}
