package io.jenkins.plugins.cvmfs.notify.client.transport;

import static io.jenkins.plugins.cvmfs.notify.client.transport.Outcomes.get;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.ATLAS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ServerReply;
import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** All ways through an HTTP proxy; the scripted server is the proxy, and the servers behind it exist only by name. */
class HttpProxyTest {

    private static final NotificationServer BEHIND = NotificationServer.parse("http://notify.example.org:4930/api/v1");
    private static final String LOGIN =
            "Basic " + Base64.getEncoder().encodeToString("jenkins:s3cret".getBytes(StandardCharsets.US_ASCII));

    private final RecordingListener recorded = new RecordingListener();
    private ScriptedServer server;
    private Network network;

    @AfterEach
    void stop() throws IOException {
        network.close();
        server.close();
        assertThat(server.failures()).isEmpty();
    }

    private void serve(ScriptedServer.Script... scripts) throws IOException {
        server = ScriptedServer.start(scripts);
        network = Network.builder()
                .proxy(ProxySelector.of(InetSocketAddress.createUnresolved("127.0.0.1", server.port())))
                .proxyAuthenticator(new Login())
                .build();
    }

    /** Knows one login, and gives it to proxies only. */
    private static final class Login extends Authenticator {
        @Override
        protected PasswordAuthentication getPasswordAuthentication() {
            return getRequestorType() == RequestorType.PROXY
                    ? new PasswordAuthentication("jenkins", "s3cret".toCharArray())
                    : null;
        }
    }

    private void subscribe(SubscriberSettings.Protocol protocol) {
        network.subscriber(SubscriberSettings.of(BEHIND).withProtocol(protocol), recorded)
                .subscribe(ATLAS);
    }

    @Test
    void aRepositoryIsReadThroughTheProxy() throws IOException {
        serve(ScriptedServer.answering(c -> c.answer(200, Samples.manifest(ATLAS, 7))));
        RepositoryLocation location = RepositoryLocation.parse("http://stratum1.example.org/cvmfs/atlas.cern.ch");

        FetchedManifest manifest = get(network.repositoryReader().manifest(location, null));

        assertThat(manifest.manifest().revision()).isEqualTo(new Revision(7));
        assertThat(server.requestLines())
                .containsExactly("GET http://stratum1.example.org/cvmfs/atlas.cern.ch/.cvmfspublished HTTP/1.1");
    }

    @Test
    void aMessageIsAnnouncedThroughAProxyWithALogin() throws IOException {
        serve(ScriptedServer.answering(c -> {
            if (c.header("Proxy-Authorization").equals(LOGIN)) {
                c.answer(200, ServerReply.PUBLISHED);
            } else {
                c.answer(407, "", "Proxy-Authenticate: Basic realm=\"farm\"");
            }
        }));

        NotificationPublisher.Receipt receipt =
                get(network.publisher(PublisherSettings.of(BEHIND)).publish(Samples.activity(ATLAS, 7)));

        assertThat(receipt.attempts()).isEqualTo(1);
    }

    @Test
    void anEventStreamComesThroughTheProxy() throws IOException {
        serve(connection -> {
            connection.readRequest();
            connection.write(SseAnswer.HEAD);
            SseAnswer.event(connection, Samples.activityText(ATLAS, 7), "e:1");
            connection.awaitEnd();
        });

        subscribe(SubscriberSettings.Protocol.EVENT_STREAM);

        await().until(() -> recorded.lines().contains("atlas.cern.ch revision 7"));
        assertThat(server.requestLines())
                .containsExactly(
                        "GET http://notify.example.org:4930/api/v1/notifications/subscribe?repository=atlas.cern.ch HTTP/1.1");
    }

    @Test
    void aWebSocketUsesTheTunnelOfAProxyWithALogin() throws IOException {
        serve(connection -> {
            while (connection.readRequest()
                    && !connection.header("Proxy-Authorization").equals(LOGIN)) {
                connection.answer(407, "", "Proxy-Authenticate: Basic realm=\"farm\"");
            }
            connection.write("HTTP/1.1 200 Connected\r\n\r\n");
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            assertThat(connection.header("Proxy-Authorization")).isEmpty();
            peer.readSubscription();
            peer.send(Samples.activityText(ATLAS, 7));
            peer.awaitEnd();
        });

        subscribe(SubscriberSettings.Protocol.WEBSOCKET);

        await().until(() -> recorded.lines().contains("atlas.cern.ch revision 7"));
        assertThat(server.requestLines())
                .contains("CONNECT notify.example.org:4930 HTTP/1.1")
                .endsWith("GET /api/v1/subscribe HTTP/1.1");
    }

    @Test
    void withoutATunnelAnEventStreamIsUsed() throws IOException {
        serve(connection -> {
            connection.readRequest();
            if (connection.request().startsWith("CONNECT ")) {
                connection.answer(403, "");
            } else {
                connection.write(SseAnswer.HEAD);
                SseAnswer.event(connection, Samples.activityText(ATLAS, 7), "e:1");
                connection.awaitEnd();
            }
        });

        subscribe(SubscriberSettings.Protocol.AUTO);

        await().until(() -> recorded.lines().contains("atlas.cern.ch revision 7"));
        assertThat(recorded.lines()).startsWith("connected EVENT_STREAM").doesNotContain("disconnected");
    }

    @Test
    void theProxyIsSelectedForEachServer() throws IOException {
        server = ScriptedServer.start(connection -> {
            WebSocketPeer peer = WebSocketPeer.accept(connection);
            peer.readSubscription();
            peer.send(Samples.activityText(ATLAS, 7));
            peer.awaitEnd();
        });
        network = Network.builder().proxy(new OnlyFor("notify.example.org")).build();
        NotificationServer direct =
                NotificationServer.parse(server.url("/api/v1").toString());

        network.subscriber(SubscriberSettings.of(direct), recorded).subscribe(ATLAS);

        await().until(() -> recorded.lines().contains("atlas.cern.ch revision 7"));
        assertThat(server.requestLines()).containsExactly("GET /api/v1/subscribe HTTP/1.1");
    }

    /** Names a proxy that is not there, for one host alone. */
    private static final class OnlyFor extends ProxySelector {

        private final String host;

        OnlyFor(String host) {
            this.host = host;
        }

        @Override
        public List<Proxy> select(URI uri) {
            return uri.getHost().equals(host)
                    ? List.of(new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved("127.0.0.1", 1)))
                    : List.of(Proxy.NO_PROXY);
        }

        @Override
        public void connectFailed(URI uri, SocketAddress address, IOException e) {
            throw new AssertionError("not asked for", e);
        }
    }
}
