package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Management;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command against a real broker; then a real proxy with the user that it made. */
@NeedsRabbitMq(owned = true)
class SetupBrokerIT {

    private final OwnedBroker broker;
    private final String user = "worker-" + UUID.randomUUID();
    private final String vhost = "/cli-" + UUID.randomUUID();

    @TempDir
    Path folder;

    private Path config;
    private Path password;

    SetupBrokerIT(OwnedBroker broker) {
        this.broker = broker;
    }

    @BeforeEach
    void writeConfiguration() throws IOException {
        password = folder.resolve("amqp.pass");
        config = Files.writeString(folder.resolve("config.json"), """
                {"bind": "127.0.0.1", "port": 0,
                 "amqp": {"url": "%s", "port": %d, "vhost": "%s", "user": "%s", "pass_file": "%s", "stream": "auto"}}
                """.formatted(
                        broker.amqp().host(), broker.amqp().port(), vhost, user, password));
    }

    @AfterEach
    void removeVhostAndUser() {
        Management.of(broker).delete("users", user);
        Management.of(broker).delete("vhosts", vhost);
    }

    private CommandRun setUp(String... further) {
        return setUpAs(OwnedBroker.ADMIN, broker.management().toString(), further);
    }

    private CommandRun setUpAs(String adminPassword, String management, String... further) {
        List<String> arguments = new ArrayList<>(List.of(
                "setup-broker",
                "--config",
                config.toString(),
                "--management",
                management,
                "--admin",
                OwnedBroker.ADMIN));
        arguments.addAll(List.of(further));
        return CommandRun.with(
                Map.of(SetupBrokerCommand.BrokerOptions.PASSWORD_VARIABLE, adminPassword),
                arguments.toArray(String[]::new));
    }

    @Test
    void aProxyWithTheCreatedUserPublishesAndReadsTheStream() throws IOException, InterruptedException {
        CommandRun run = setUp();

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("created       queue      cvmfs-notify.activity", "done: 8 created, 0 changed");
        assertServes("stream");
    }

    @Test
    void withTheRightsOfTheOriginalServiceAProxyUsesQueues() throws IOException, InterruptedException {
        CommandRun run = setUp("--rights", "queue");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("done: 6 created").doesNotContain("stream");
        assertServes("queue");
    }

    private void assertServes(String mode) throws IOException, InterruptedException {
        SampleRepository repository = SampleRepository.create(
                folder.resolve("repository"),
                new RepositoryName("test.example.org"),
                HashAlgorithm.SHA1,
                Clock.systemUTC());
        try (JarProcess proxy = JarProcess.start(
                folder, "serve", "--config", config.toString(), "--set", "access.anonymous_publish=everyone")) {
            proxy.awaitOut("listening on ");
            proxy.awaitErr("log=\"%s\"".formatted(mode));
            CommandRun published = CommandRun.of(
                    "publish", "-u", proxy.server(), "-r", repository.folder().toString());
            assertThat(published.exitCode()).as(published.err()).isZero();

            CommandRun received = CommandRun.of(
                    "subscribe", "-u", proxy.server(), "-t", "test.example.org", "--timeout", "1m", "--verify", "off");

            assertThat(received.exitCode()).as(received.err()).isZero();
            assertThat(received.out()).startsWith("test.example.org revision 1");
        }
    }

    @Test
    void aGeneratedPasswordIsOnlyInItsFileAndOnlyTheOwnerMayReadIt() throws IOException {
        CommandRun first = setUp();
        CommandRun again = setUp("--json");

        String secret = Files.readString(password).strip();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(password)))
                .isEqualTo("rw-------");
        assertThat(first.out() + first.err() + again.out() + again.err()).doesNotContain(secret);
        assertThat(again.out()).contains("\"created\":0,\"changed\":0,\"unchanged\":8,\"conflict\":0");
    }

    @Test
    void aDryRunPrintsWhatARunWouldDoAndChangesNothing() {
        CommandRun dry = setUp("--dry-run");

        assertThat(dry.exitCode()).as(dry.err()).isZero();
        assertThat(dry.out()).contains("would create  user       " + user, "dry run: would create 8, change 0");
        assertThat(password).doesNotExist();
        assertThat(setUp().out()).contains("done: 8 created");
    }

    @Test
    void aWrongPasswordIsReportedWithoutShowingIt() {
        CommandRun run = setUpAs("not-the-password", broker.management().toString());

        assertThat(run.exitCode()).isEqualTo(ExitCode.SETUP_FAILED);
        assertThat(run.err())
                .contains("refuses the user admin", "password is wrong")
                .doesNotContain("not-the-password");
    }

    @Test
    void overTlsOnlyTheGivenAuthorityIsTrusted() {
        broker.management();
        String https = "https://localhost:" + broker.managementTlsPort();

        CommandRun trusted = setUpAs(
                OwnedBroker.ADMIN, https, "--ca-file", broker.authority().toString(), "--dry-run");
        CommandRun unknown = setUpAs(OwnedBroker.ADMIN, https, "--dry-run");

        assertThat(trusted.exitCode()).as(trusted.err()).isZero();
        assertThat(unknown.exitCode()).isEqualTo(ExitCode.SETUP_FAILED);
        assertThat(unknown.err()).contains(https + " is not trusted", "--ca-file");
    }

    @Test
    void thePortOfAmqpIsRefusedAsManagementApi() {
        CommandRun run = setUpAs(
                OwnedBroker.ADMIN,
                "http://%s:%d".formatted(broker.amqp().host(), broker.amqp().port()));

        assertThat(run.exitCode()).isEqualTo(ExitCode.SETUP_FAILED);
        assertThat(run.err()).contains("the management plugin's port, not that of AMQP");
    }
}
