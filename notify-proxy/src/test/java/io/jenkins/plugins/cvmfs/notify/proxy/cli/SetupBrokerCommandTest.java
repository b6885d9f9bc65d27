package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The error messages for a server that is not a suitable broker. */
class SetupBrokerCommandTest {

    private static final Map<String, String> PASSWORD =
            Map.of(SetupBrokerCommand.BrokerOptions.PASSWORD_VARIABLE, "for-the-admin");
    private static final String ADMINISTRATOR = "{\"name\":\"admin\",\"tags\":[\"administrator\"]}";

    @TempDir
    Path folder;

    private HttpServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    private void answer(String path, int status, String body) {
        server.createContext(path, exchange -> {
            try (exchange) {
                byte[] bytes = body.getBytes(UTF_8);
                exchange.sendResponseHeaders(status, bytes.length);
                exchange.getResponseBody().write(bytes);
            }
        });
    }

    private CommandRun setUp(String... further) {
        return setUp(PASSWORD, further);
    }

    private CommandRun setUp(Map<String, String> environment, String... further) {
        List<String> arguments = new ArrayList<>(List.of(
                "setup-broker",
                "--management",
                "http://127.0.0.1:" + server.getAddress().getPort(),
                "--admin",
                "admin",
                "--config",
                config().toString(),
                "--password-file",
                folder.resolve("amqp.pass").toString()));
        arguments.addAll(List.of(further));
        return CommandRun.with(environment, arguments.toArray(String[]::new));
    }

    private Path config() {
        try {
            return Files.writeString(folder.resolve("config.json"), "{}");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertFails(CommandRun run, int exitCode, String... words) {
        assertThat(run.exitCode()).isEqualTo(exitCode);
        assertThat(run.err()).contains(words).doesNotContain("for-the-admin", "internal error");
        assertThat(run.out()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"3.8.35, false", "3.9.0, true", "3.13.7, true", "4.2.0-rc.1, true", "something new, true"})
    void aBrokerOlderThanStreamsIsAcceptedForQueuesOnly(String version, boolean hasStreams) {
        answer("/api/overview", 200, "{\"rabbitmq_version\":\"%s\"}".formatted(version));
        answer("/api/whoami", 200, ADMINISTRATOR);
        answer("/", 404, "{\"error\":\"Object Not Found\"}");

        CommandRun stream = setUp("--dry-run");
        CommandRun queue = setUp("--dry-run", "--rights", "queue");

        assertThat(queue.exitCode()).as(queue.err()).isZero();
        if (hasStreams) {
            assertThat(stream.exitCode()).as(stream.err()).isZero();
        } else {
            assertFails(stream, ExitCode.SETUP_FAILED, "RabbitMQ 3.8.35 has no streams", "--rights queue");
        }
    }

    @Test
    void aUserWithoutTheTagAdministratorIsToldHowToGetIt() {
        answer("/api/overview", 200, "{\"rabbitmq_version\":\"4.0.5\"}");
        answer("/api/whoami", 200, "{\"name\":\"admin\",\"tags\":\"monitoring\"}");

        assertFails(setUp(), ExitCode.SETUP_FAILED, "rabbitmqctl set_user_tags admin administrator");
    }

    @Test
    void twoUsersMayShareAPasswordFileThatExists() throws IOException {
        Path same = Files.writeString(folder.resolve("amqp.pass"), "chosen by the administrator");
        answer("/api/overview", 200, "{\"rabbitmq_version\":\"4.0.5\"}");
        answer("/api/whoami", 200, "{\"name\":\"admin\",\"tags\":\"monitoring\"}");

        assertFails(
                setUp("--publisher", "writer", "--publisher-password-file", same.toString()),
                ExitCode.SETUP_FAILED,
                "rabbitmqctl set_user_tags admin administrator");
    }

    @Test
    void twoUsersCannotShareAPasswordFileThatIsStillToBeWritten() {
        String same = folder.resolve("below").resolve("..").resolve("amqp.pass").toString();

        assertFails(
                setUp("--publisher", "writer", "--publisher-password-file", same),
                ExitCode.USAGE,
                "--publisher-password-file must differ from --password-file and amqp.pass_file");
    }

    @Test
    void anotherWebServerIsRefused() {
        answer("/", 200, "<html>Welcome</html>");

        assertFails(setUp(), ExitCode.SETUP_FAILED, "is not RabbitMQ's management API");
    }

    @Test
    void aWebServerWithoutTheApiIsRefused() {
        answer("/", 404, "nothing here");

        assertFails(setUp(), ExitCode.SETUP_FAILED, "not RabbitMQ's management API", "--management");
    }

    @Test
    void withoutAManagementPluginTheErrorSaysHowToEnableIt() {
        server.stop(0);

        assertFails(setUp(), ExitCode.SETUP_FAILED, "rabbitmq-plugins enable rabbitmq_management", "15672");
    }

    @Test
    void aRefusalIsReportedWithTheBrokersReason() {
        answer("/api/overview", 200, "{\"rabbitmq_version\":\"4.0.5\"}");
        answer("/api/whoami", 200, ADMINISTRATOR);
        server.createContext("/", exchange -> {
            try (exchange) {
                boolean reads = exchange.getRequestMethod().equals("GET");
                byte[] body = "{\"reason\":\"disk is full\"}".getBytes(UTF_8);
                exchange.sendResponseHeaders(reads ? 404 : 400, body.length);
                exchange.getResponseBody().write(body);
            }
        });

        assertFails(setUp(), ExitCode.SETUP_FAILED, "refuses vhosts /cvmfs with 400: disk is full");
    }

    @Test
    void aPasswordIsNeverTakenFromAUrl() {
        CommandRun run = CommandRun.with(
                PASSWORD,
                "setup-broker",
                "--config",
                config().toString(),
                "--management=http://admin:for-the-admin@localhost:15672",
                "--password-file",
                folder.resolve("amqp.pass").toString());

        assertFails(run, ExitCode.USAGE, "must not contain a user or password");
    }

    @Test
    void withoutAPasswordTheErrorSaysHowToGiveOne() {
        assertFails(
                setUp(Map.of()),
                ExitCode.USAGE,
                "--admin-password-file",
                SetupBrokerCommand.BrokerOptions.PASSWORD_VARIABLE);
    }

    @ParameterizedTest
    @CsvSource({
        "--user=admin, must be different users",
        "--publisher=worker, must be different users",
        "--publisher-password-file=x, needs --publisher",
        "--replicas=0, --replicas 0 is below 1",
        "--print-definitions --dry-run, leave --dry-run out",
        "--rights=queue --replicas=3, creates none",
        "--rights=other, --rights",
        "--set=amqp.vhsot=/x, amqp.vhsot",
    })
    void contradictoryOptionsAreRefusedBeforeTheBrokerIsContacted(String further, String words) {
        assertFails(setUp(further.split(" ")), ExitCode.USAGE, words);
    }

    @Test
    void theDefinitionsContainHashesAndThePasswordGoesToItsFile() throws IOException {
        CommandRun run = setUp("--print-definitions");

        String secret = Files.readString(folder.resolve("amqp.pass")).strip();
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("\"password_hash\"", "\"x-queue-type\" : \"stream\"")
                .doesNotContain(secret);
    }
}
