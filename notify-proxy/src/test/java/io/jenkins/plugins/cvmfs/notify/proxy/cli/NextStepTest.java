package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The last line of each failure says what to do next. */
class NextStepTest {

    @TempDir
    static Path folder;

    @BeforeAll
    static void aManifestAndAnotherFile() throws IOException {
        Files.writeString(folder.resolve("text"), "text");
        Files.write(
                folder.resolve(".cvmfspublished"),
                Announcements.of("sw.example.org", 1).manifest().toText().getBytes(UTF_8));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            publish -u http://127.0.0.1:1/api/v1 -r FOLDER/absent            | 7  | Name a repository's folder
            publish -u http://127.0.0.1:1/api/v1 -r FOLDER/text              | 8  | Name a repository's folder
            publish -u http://127.0.0.1:1/api/v1 -r http://127.0.0.1:1/cvmfs | 6  | Does 'curl -I http://127.0.0.1:1/cvmfs/.cvmfspublished' find it?
            publish -u http://127.0.0.1:1/api/v1 -r FOLDER --timeout 0       | 9  | Is the server running, and is its address right?
            publish -r FOLDER                                                | 1  | Try 'notify-proxy publish --help'.
            publsh                                                           | 1  | Try 'notify-proxy --help'.
            subscribe -u http://127.0.0.1:1 -t sw.example.org --timeout 2s   | 3  | Is the server running, and is its address right?
            serve --standalone --bind 192.0.2.1                              | 4  | find the process that listens there: ss -ltnp
            serve --standalone --port 0 --state-dir FOLDER/text              | 4  | Choose another --state-dir
            check-config --set limts.idle_timeout=1s                         | 1  | Try 'notify-proxy check-config --help'.
            setup-broker --management http://127.0.0.1:1 --password-file FOLDER/text --admin-password-file FOLDER/text | 12 | run the command again
            demo --keep /proc/demo                                           | 4  | Give --keep a folder
            """)
    void theLastLineSaysWhatToDo(String arguments, int exitCode, String next) {
        CommandRun run =
                CommandRun.of(arguments.replace("FOLDER", folder.toString()).split(" "));

        assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
        assertThat(run.err().lines().reduce((first, last) -> last))
                .hasValueSatisfying(last -> assertThat(last).contains(next));
        assertThat(run.err().lines()).as("what went wrong stands before it").hasSizeGreaterThan(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            400 | Is the manifest complete
            401 | Give a token with the right
            403 | right
            404 | Is it the address of a notification server
            405 | Is it the address of a notification server
            407 | HTTP proxy
            413 | limits.max_message_bytes
            429 | limits how often one sender may
            500 | The server is up, but cannot do it now
            502 | What stands in front of the server
            503 | The server is up, but cannot do it now
            504 | What stands in front of the server
            508 | upstream.url leads back
            """)
    void eachAnswerHasTheHintThatFitsIt(int status, String hint) throws IOException {
        try (Answering server = new Answering(status)) {
            CommandRun publish =
                    CommandRun.of("publish", "-u", server.url("http"), "-r", folder.toString(), "--timeout", "0");
            CommandRun patient =
                    CommandRun.of("publish", "-u", server.url("http"), "-r", folder.toString(), "--timeout", "1s");
            CommandRun forget = CommandRun.of("forget", "-u", server.url("http"), "sw.example.org");

            assertThat(List.of(publish, patient, forget)).allSatisfy(run -> {
                assertThat(run.exitCode()).isEqualTo(9);
                assertThat(run.err()).contains(String.valueOf(status), hint);
                assertThat(run.err()).doesNotContain("Is the server running", "Exception", "java.");
            });
        }
    }

    @Test
    void aSubscriptionThatIsRefusedIsNotTakenForAWrongName() throws IOException {
        try (Answering server = new Answering(401)) {
            CommandRun run = subscribe(server.url("http"));

            assertThat(run.exitCode()).isEqualTo(3);
            assertThat(run.err())
                    .contains("(401)", "Give a token with the right 'subscribe'")
                    .doesNotContain("Is the name right?");
        }
    }

    @Test
    void aServerThatSaysNothingIsNotTakenForAWrongName() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            CommandRun run = subscribe("http://127.0.0.1:" + silent.getLocalPort());

            assertThat(run.exitCode()).isEqualTo(3);
            assertThat(run.err()).contains("the server has not answered yet", "does a firewall drop");
        }
    }

    @Test
    void aPortWithoutTlsIsNamedAsSuch() throws IOException {
        try (Answering server = new Answering(200)) {
            CommandRun run =
                    CommandRun.of("publish", "-u", server.url("https"), "-r", folder.toString(), "--timeout", "0");

            assertThat(run.exitCode()).isEqualTo(9);
            assertThat(run.err()).contains("Does that port speak TLS");
        }
    }

    @Test
    void anHttpProxyOnTheWayIsNamed() {
        ProxySelector before = ProxySelector.getDefault();
        ProxySelector.setDefault(ProxySelector.of(InetSocketAddress.createUnresolved("127.0.0.1", 1)));
        try {
            CommandRun run =
                    CommandRun.of("publish", "-u", "http://a.example", "-r", folder.toString(), "--timeout", "0");

            assertThat(run.exitCode()).isEqualTo(9);
            assertThat(run.err()).contains("The way leads through the HTTP proxy 127.0.0.1:1 of Java's settings.");
        } finally {
            ProxySelector.setDefault(before);
        }
    }

    private static CommandRun subscribe(String server) {
        return CommandRun.of("subscribe", "-u", server, "-t", "sw.example.org", "--timeout", "2s");
    }

    /** Answers each request with one status. */
    private static final class Answering implements AutoCloseable {

        private final HttpServer server;

        Answering(int status) throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                exchange.getRequestBody().readAllBytes();
                exchange.sendResponseHeaders(status, -1);
                exchange.close();
            });
            server.start();
        }

        String url(String scheme) {
            return "%s://127.0.0.1:%d/api/v1"
                    .formatted(scheme, server.getAddress().getPort());
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
