package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The last line of each failure says what to do next. */
class NextStepTest {

    @TempDir
    static Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            publish -u http://127.0.0.1:1/api/v1 -r FOLDER/absent            | 7  | Name a repository's folder
            publish -u http://127.0.0.1:1/api/v1 -r FOLDER/text              | 8  | Name a repository's folder
            publish -u http://127.0.0.1:1/api/v1 -r http://127.0.0.1:1/cvmfs | 6  | Does 'curl -I http://127.0.0.1:1/cvmfs/.cvmfspublished' find it?
            publish -u http://127.0.0.1:1/api/v1 -r FOLDER --timeout 0       | 9  | Is the server running, and is its address right?
            publish -r FOLDER                                                | 1  | Try 'notify-proxy publish --help'.
            publsh                                                           | 1  | Try 'notify-proxy --help'.
            subscribe -u http://127.0.0.1:1 -t sw.example.org --timeout 1ms  | 3  | Is the name right?
            serve --standalone --bind 192.0.2.1                              | 4  | find the process that listens there: ss -ltnp
            serve --standalone --port 0 --state-dir FOLDER/text              | 4  | Choose another --state-dir
            check-config --set limts.idle_timeout=1s                         | 1  | Try 'notify-proxy check-config --help'.
            setup-broker --management http://127.0.0.1:1 --password-file FOLDER/text --admin-password-file FOLDER/text | 12 | run the command again
            demo --keep /proc/demo                                           | 4  | Give --keep a folder
            """)
    void theLastLineSaysWhatToDo(String arguments, int exitCode, String next) throws IOException {
        Files.writeString(folder.resolve("text"), "text");
        Files.write(
                folder.resolve(".cvmfspublished"),
                Announcements.of("sw.example.org", 1).manifest().toText().getBytes(UTF_8));

        CommandRun run =
                CommandRun.of(arguments.replace("FOLDER", folder.toString()).split(" "));

        assertThat(run.exitCode()).as(run.err()).isEqualTo(exitCode);
        assertThat(run.err().lines().reduce((first, last) -> last))
                .hasValueSatisfying(last -> assertThat(last).contains(next));
        assertThat(run.err().lines()).as("what went wrong stands before it").hasSizeGreaterThan(1);
    }

    @Test
    void aBusyServerIsNotTakenForOneThatIsDown() throws IOException {
        Files.write(
                folder.resolve(".cvmfspublished"),
                Announcements.of("sw.example.org", 1).manifest().toText().getBytes(UTF_8));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(503, -1);
            exchange.close();
        });
        server.start();
        String url = "http://127.0.0.1:%d/api/v1".formatted(server.getAddress().getPort());
        try {
            CommandRun publish = CommandRun.of("publish", "-u", url, "-r", folder.toString(), "--timeout", "0");
            CommandRun patient = CommandRun.of("publish", "-u", url, "-r", folder.toString(), "--timeout", "1s");
            CommandRun forget = CommandRun.of("forget", "-u", url, "sw.example.org");

            assertThat(List.of(publish, patient, forget)).allSatisfy(run -> {
                assertThat(run.exitCode()).isEqualTo(9);
                assertThat(run.err()).contains("503", "The server is up").doesNotContain("Is the server running");
            });
        } finally {
            server.stop(0);
        }
    }
}
