package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.proxy.FreePort;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/migration.md tells people to type works, with the original's file and its user. */
@NeedsRabbitMq(owned = true)
class MigrationGuideIT {

    private static final RepositoryName NAME = new RepositoryName("sw.example.org");

    /** As the original service's packages install it. */
    private static final String ORIGINAL_FILE = """
            {
                "port": 4930,
                "log_level": "info",
                "amqp": {
                    "url": "localhost",
                    "exchange": "repository.activity",
                    "port": 5672,
                    "vhost": "/cvmfs"
                }
            }
            """;

    @TempDir
    Path folder;

    @BeforeEach
    void installPrograms() throws IOException {
        ReadmeShell.notifyProxy(folder);
        SampleRepository.create(folder.resolve("sw.example.org"), NAME, HashAlgorithm.SHA1, Clock.systemUTC());
    }

    private String commands(String section) throws IOException {
        return ReadmeText.page("migration.md")
                .section(section)
                .commands()
                .replace("/srv/cvmfs/", folder + "/")
                .replace("/etc/cvmfs/notify/", folder + "/");
    }

    @Test
    void thisServiceRunsBesideTheOriginalWithItsFileAndItsUser(OwnedBroker broker)
            throws IOException, InterruptedException {
        Files.writeString(folder.resolve("config.json"), ORIGINAL_FILE);
        Map<String, String> environment = Map.of(
                "CVMFS_NOTIFY_AMQP_PORT",
                String.valueOf(broker.amqp().port()),
                "CVMFS_NOTIFY_AMQP_URL",
                broker.amqp().host(),
                "CVMFS_NOTIFY_AMQP_USERNAME",
                OwnedBroker.WORKER,
                "CVMFS_NOTIFY_AMQP_PASSWORD",
                OwnedBroker.WORKER);
        String commands = commands("From the original service").replace("4931", String.valueOf(FreePort.find()));

        try (ReadmeShell shell = ReadmeShell.run(folder, environment, commands)) {
            shell.succeeds();

            assertThat(shell.output())
                    .containsPattern("amqp.exchange +repository.activity +\\(file ")
                    .contains(
                            "\"queue\"",
                            "announced sw.example.org revision 1",
                            "sw.example.org revision 1, root catalog");
        }
    }

    @Test
    void announcementsGoToTheGatewayAndToThisServiceDuringTheMigration() throws IOException, InterruptedException {
        try (LocalProxy gateway = LocalProxy.start();
                LocalProxy here = LocalProxy.start()) {
            String commands = commands("From the gateway")
                    .replace("http://localhost:4929/api/v1", gateway.server())
                    .replace("http://localhost:4930/api/v1", here.server());

            try (ReadmeShell shell = ReadmeShell.run(folder, Map.of(), commands)) {
                shell.succeeds();

                assertThat(shell.everything()).doesNotContain("not announced");
                assertThat(gateway.describe(NAME).body()).contains("\"revision\":1");
                assertThat(here.describe(NAME).body()).contains("\"revision\":1");
            }
        }
    }
}
