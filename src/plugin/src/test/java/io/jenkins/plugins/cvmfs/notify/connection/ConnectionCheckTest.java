package io.jenkins.plugins.cvmfs.notify.connection;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.TokenSource;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** "Test connection" against a server that does not let everyone subscribe to everything. */
class ConnectionCheckTest {

    private static final RepositoryName ALLOWED = new RepositoryName("sw.example.org");
    private static final RepositoryName OTHER = new RepositoryName("other.example.org");
    private static final RepositoryName DENIED = new RepositoryName("secret.example.org");

    private final Network network = Network.builder().build();
    private WebSocketServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = new WebSocketServer(Set.of(ALLOWED.value()));
    }

    @AfterEach
    void stop() throws IOException {
        network.close();
        server.close();
    }

    @Test
    void aServerThatTakesOnTheSubscriptionsIsConnected() {
        assertThat(check(ServerSettings.Transport.WEBSOCKET, ALLOWED))
                .startsWith("Connected to http://127.0.0.1:")
                .endsWith("by WebSocket");
    }

    @Test
    void everyRefusedSubscriptionIsReportedWithTheMissingRight() {
        assertThatThrownBy(() -> check(ServerSettings.Transport.WEBSOCKET, ALLOWED, DENIED, OTHER))
                .isInstanceOf(RefusedException.class)
                .hasMessageStartingWith("connected, but http://127.0.0.1:")
                .hasMessageContaining("these credentials lack the right to subscribe to secret.example.org")
                .hasMessageContaining("these credentials lack the right to subscribe to other.example.org");
    }

    @Test
    void withoutAConfiguredRepositoryTheNameIsReportedAsMadeUp() {
        assertThatThrownBy(() -> check(ServerSettings.Transport.WEBSOCKET))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("a name made up for this test");
    }

    @Test
    void aTokenForSomeRepositoriesIsTriedWithANameThatItAllows() {
        server.tell("""
                {"credentials":"valid","publish":[],"subscribe":["sw.example.org"],"repositories":[]}""");

        assertThat(check(ServerSettings.Transport.WEBSOCKET))
                .endsWith("by WebSocket. The token may announce nothing, and subscribe to sw.example.org");
    }

    @Test
    void whatTheTokenMayAnnounceIsSaid() {
        server.tell("""
                {"credentials":"valid","publish":["sw.*"],"subscribe":["*"],"repositories":[
                {"repository":"sw.example.org","publish":"yes","subscribe":"yes"},
                {"repository":"other.example.org","publish":"verified","subscribe":"yes"},
                {"repository":"secret.example.org","publish":"no","subscribe":"no"}]}""");

        assertThatThrownBy(() -> check(ServerSettings.Transport.WEBSOCKET, ALLOWED, OTHER, DENIED))
                .hasMessageStartingWith("connected, but ")
                .hasMessageEndingWith(
                        ". The token may announce sw.*, and subscribe to every repository."
                                + " With a valid signature it may announce other.example.org. It may not announce secret.example.org");
        assertThat(server.asked())
                .contains(
                        "GET /api/v1/rights?repository=sw.example.org&repository=other.example.org&repository=secret.example.org"
                                + " HTTP/1.1");
    }

    @Test
    void aServerThatIsOnlyPolledIsAskedForTheRightsToo() {
        server.tell("""
                {"credentials":"none","publish":["*"],"subscribe":["*"],"repositories":[]}""");

        assertThat(check(ServerSettings.Transport.POLL))
                .isEqualTo(
                        "Nothing to connect: replicas are only polled. Jenkins may announce every repository, and subscribe to every repository");
    }

    private String check(ServerSettings.Transport transport, RepositoryName... repositories) {
        return ConnectionCheck.run(
                network,
                new ServerSettings("main", server.url(), transport, null),
                TokenSource.NONE,
                List.of(repositories));
    }

    /** One connection after the other, as far as this test needs it: what is told of rights; short frames, refusals and pongs. */
    private static final class WebSocketServer implements AutoCloseable {

        private static final int BINARY = 0x82;
        private static final int PING = 0x89;
        private static final int PONG = 0x8A;

        private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final Set<String> allowed;
        private final Queue<String> asked = new ConcurrentLinkedQueue<>();
        private volatile @Nullable String rights;

        WebSocketServer(Set<String> allowed) throws IOException {
            this.allowed = allowed;
            Thread thread = new Thread(this::serve, "websocket-server");
            thread.setDaemon(true);
            thread.start();
        }

        String url() {
            return "http://127.0.0.1:%d/api/v1".formatted(listening.getLocalPort());
        }

        /** Answers with this what the caller may do; as a server that does not know the question until then. */
        void tell(String json) {
            rights = json;
        }

        /** The first lines of all requests. */
        List<String> asked() {
            return List.copyOf(asked);
        }

        private void serve() {
            while (!listening.isClosed()) {
                try (Socket socket = listening.accept()) {
                    converse(new DataInputStream(socket.getInputStream()), socket.getOutputStream());
                } catch (IOException e) {
                    // The client or the test has ended.
                }
            }
        }

        private void converse(DataInputStream in, OutputStream out) throws IOException {
            List<String> head = head(in);
            asked.add(head.get(0));
            if (head.get(0).startsWith("GET /api/v1/rights")) {
                String told = rights;
                out.write("HTTP/1.1 %s\r\nConnection: close\r\n\r\n%s"
                        .formatted(told == null ? "404 Not Found" : "200 OK", told == null ? "" : told)
                        .getBytes(ISO_8859_1));
                return;
            }
            out.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: " + accept(key(head)) + "\r\n\r\n")
                    .getBytes(ISO_8859_1));
            while (true) {
                int opcode = in.readUnsignedByte();
                byte[] payload = payload(in);
                if (opcode == PING) {
                    send(out, PONG, payload);
                } else if (opcode == BINARY) {
                    String name = new String(payload, UTF_8).replaceAll(".*\"repository\":\"([^\"]*)\".*", "$1");
                    if (!allowed.contains(name)) {
                        send(out, BINARY, """
                                {"reason":"not_allowed","status":"error","repository":"%s","right":"subscribe",\
                                "detail":"these credentials lack the right to subscribe to %s"}""".formatted(name, name).getBytes(UTF_8));
                    }
                } else {
                    return;
                }
            }
        }

        @SuppressWarnings("deprecation") // its bytes are ASCII
        private static List<String> head(DataInputStream in) throws IOException {
            List<String> head = new ArrayList<>();
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                head.add(line);
            }
            return head;
        }

        private static String key(List<String> head) {
            return head.stream()
                    .filter(line -> line.startsWith("Sec-WebSocket-Key: "))
                    .map(line -> line.substring(19))
                    .findFirst()
                    .orElseThrow();
        }

        private static String accept(String key) throws IOException {
            try {
                byte[] text = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(ISO_8859_1);
                return Base64.getEncoder()
                        .encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
            } catch (NoSuchAlgorithmException e) {
                throw new IOException(e);
            }
        }

        private static byte[] payload(DataInputStream in) throws IOException {
            int length = in.readUnsignedByte() & 0x7F;
            byte[] mask = in.readNBytes(4);
            byte[] payload = in.readNBytes(length);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= mask[i % 4];
            }
            return payload;
        }

        private static void send(OutputStream out, int opcode, byte[] payload) throws IOException {
            out.write(opcode);
            if (payload.length > 125) {
                out.write(126);
                out.write(payload.length >> 8);
            }
            out.write(payload.length);
            out.write(payload);
            out.flush();
        }

        @Override
        public void close() throws IOException {
            listening.close();
        }
    }
}
