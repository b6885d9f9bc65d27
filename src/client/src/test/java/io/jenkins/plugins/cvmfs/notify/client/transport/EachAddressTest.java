package io.jenkins.plugins.cvmfs.notify.client.transport;

import static io.jenkins.plugins.cvmfs.notify.client.transport.Outcomes.get;
import static io.jenkins.plugins.cvmfs.notify.client.transport.Samples.ATLAS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash.ObjectKind;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.net.ServerSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A name with three addresses, 127.0.0.1 to 127.0.0.3, and a server, or a cache, on the same port of each. */
class EachAddressTest {

    private static final ContentHash HASH = ContentHash.of(HashAlgorithm.SHA1, new byte[] {1});

    private final List<ScriptedServer> servers = new ArrayList<>();
    private Network network =
            Network.builder().names(EachAddressTest::addresses).build();

    @AfterEach
    void stop() throws IOException {
        network.close();
        for (ScriptedServer server : servers) {
            server.close();
            assertThat(server.failures()).isEmpty();
        }
    }

    private static InetAddress[] addresses(String host) throws UnknownHostException {
        if (!host.endsWith(".example.org")) {
            throw new UnknownHostException(host);
        }
        return new InetAddress[] {loopback(1), loopback(2), loopback(3)};
    }

    private static InetAddress loopback(int last) throws UnknownHostException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
    }

    /** Starts a server on each address, and returns their port. */
    private int serve(ScriptedServer.Script... scripts) throws IOException {
        return serve(ServerSocketFactory.getDefault(), scripts);
    }

    private int serve(ServerSocketFactory sockets, ScriptedServer.Script... scripts) throws IOException {
        for (int i = 0; i < scripts.length; i++) {
            int port = servers.isEmpty() ? 0 : servers.get(0).port();
            servers.add(ScriptedServer.startWithTls(new At(sockets, loopback(i + 1), port), scripts[i]));
        }
        return servers.get(0).port();
    }

    private static final class At extends ServerSocketFactory {
        private final ServerSocketFactory sockets;
        private final InetAddress address;
        private final int port;

        At(ServerSocketFactory sockets, InetAddress address, int port) {
            this.sockets = sockets;
            this.address = address;
            this.port = port;
        }

        @Override
        public ServerSocket createServerSocket(int anyPort, int backlog, InetAddress anywhere) throws IOException {
            ServerSocket socket = sockets.createServerSocket();
            socket.bind(new InetSocketAddress(address, port), backlog);
            return socket;
        }

        @Override
        public ServerSocket createServerSocket(int anyPort) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ServerSocket createServerSocket(int anyPort, int backlog) {
            throw new UnsupportedOperationException();
        }
    }

    private static ScriptedServer.Script serving(long revision) {
        return ScriptedServer.answering(c -> c.answer(200, Samples.manifest(ATLAS, revision)));
    }

    private FetchedManifest read(String location) {
        return get(network.repositoryReader().manifest(RepositoryLocation.parse(location), null));
    }

    @Test
    void theLowestRevisionCountsAndTheAddressesThatLagAreNamed() throws IOException {
        int port = serve(serving(7), serving(6), serving(7));

        FetchedManifest read = read("http://s1.example.org:%d/cvmfs/atlas.cern.ch at all addresses".formatted(port));

        assertThat(read.manifest().revision()).isEqualTo(new Revision(6));
        assertThat(read.note()).contains("at 127.0.0.2; 2 other addresses serve revision 7");
        assertThat(servers).allSatisfy(server -> {
            assertThat(server.requestLines()).containsExactly("GET /cvmfs/atlas.cern.ch/.cvmfspublished HTTP/1.1");
            assertThat(server.connection(0).header("Host")).isEqualTo("s1.example.org:" + port);
        });
    }

    @Test
    void equalRevisionsNeedNoNote() throws IOException {
        int port = serve(serving(7), serving(7), serving(7));

        FetchedManifest read = read("http://s1.example.org:%d/cvmfs/atlas.cern.ch at all addresses".formatted(port));

        assertThat(read.manifest().revision()).isEqualTo(new Revision(7));
        assertThat(read.note()).isEmpty();
    }

    @Test
    void anAddressThatCannotBeReadIsNamed() throws IOException {
        int port = serve(serving(7), serving(7));

        assertThatThrownBy(() -> read("http://s1.example.org:%d/cvmfs/atlas.cern.ch at all addresses".formatted(port)))
                .isInstanceOf(NotifyException.class)
                .hasMessageStartingWith( // some JDKs add to it
                        "1 of the 3 addresses of s1.example.org cannot be read: 127.0.0.3:%d: cannot connect: Connection refused"
                                .formatted(port));
    }

    @Test
    void anObjectIsThereWhenAllAddressesHaveIt() throws IOException {
        AtomicInteger status = new AtomicInteger(404);
        ScriptedServer.Script has = ScriptedServer.answering(EachAddressTest::present);
        ScriptedServer.Script late = ScriptedServer.answering(
                c -> c.write("HTTP/1.1 %d X\r\nContent-Length: 9\r\n\r\n".formatted(status.get())));
        RepositoryLocation all = RepositoryLocation.parse(
                "http://s1.example.org:%d/cvmfs/atlas.cern.ch at all addresses".formatted(serve(has, has, late)));

        assertThat(get(network.repositoryReader().objectPresent(all, HASH, ObjectKind.CATALOG)))
                .isFalse();

        status.set(200);
        assertThat(get(network.repositoryReader().objectPresent(all, HASH, ObjectKind.CATALOG)))
                .isTrue();
    }

    private static void present(ScriptedConnection connection) throws IOException {
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
    }

    @Test
    void eachAddressMustHaveTheCertificateOfTheName() throws GeneralSecurityException, IOException {
        ServerIdentity identity = ServerIdentity.ofHost("s1.example.org");
        int port = serve(identity.sockets(), serving(7), serving(6), serving(8));
        network.close();
        network = Network.builder()
                .names(EachAddressTest::addresses)
                .tls(identity.trusted())
                .build();

        FetchedManifest read = read("https://s1.example.org:%d/cvmfs/atlas.cern.ch at all addresses".formatted(port));

        assertThat(read.manifest().revision()).isEqualTo(new Revision(6));
    }

    @Test
    void aCacheFetchesTheManifestAnewAndIsThenReadAsItsClientsReadIt() throws IOException {
        int port = serve(serving(7), serving(7), serving(7));

        read("http://s1.example.org/cvmfs/atlas.cern.ch through http://squids.example.org:" + port);

        assertThat(servers).allSatisfy(squid -> {
            assertThat(squid.requestLines())
                    .hasSize(2)
                    .containsOnly("GET http://s1.example.org/cvmfs/atlas.cern.ch/.cvmfspublished HTTP/1.1");
            assertThat(IntStream.range(0, 2).mapToObj(n -> squid.connection(n).header("Cache-Control")))
                    .containsExactly("no-cache", "");
        });
    }

    @Test
    void theRevisionThatTheClientsOfACacheGetCountsEvenIfTheCacheFetchedANewerOne() throws IOException {
        ScriptedServer.Script keepsNothing = ScriptedServer.answering(c ->
                c.answer(200, Samples.manifest(ATLAS, c.header("Cache-Control").isEmpty() ? 6 : 7)));
        ScriptedServer.Script cutOff = ScriptedServer.answering(c -> {
            if (c.header("Cache-Control").isEmpty()) {
                c.answer(200, Samples.manifest(ATLAS, 7));
            } else {
                c.answer(504, "");
            }
        });
        int port = serve(keepsNothing, cutOff, serving(7));

        FetchedManifest read =
                read("http://s1.example.org/cvmfs/atlas.cern.ch through http://squids.example.org:" + port);

        assertThat(read.manifest().revision()).isEqualTo(new Revision(6));
        assertThat(read.note()).contains("at 127.0.0.1; 2 other addresses serve revision 7");
    }
}
