package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Management;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/rabbitmq.md tells people to type to set a broker up, against a broker. */
@NeedsRabbitMq(owned = true)
class RabbitMqGuideIT {

    @TempDir
    Path folder;

    @Test
    void theBrokerIsSetUpAndTheDefinitionsAreThoseOfTheSameUser(OwnedBroker broker)
            throws IOException, InterruptedException {
        ReadmeShell.notifyProxy(folder);
        Files.writeString(folder.resolve("admin.pass"), OwnedBroker.ADMIN);
        String suffix = UUID.randomUUID().toString();
        String commands = ReadmeText.page("rabbitmq.md")
                .section("Set up")
                .commands()
                .replace("/etc/cvmfs/notify/", folder + "/")
                .replace("worker", "worker-" + suffix)
                .replace("setup-broker", "setup-broker --management " + broker.management());

        try (ReadmeShell shell =
                ReadmeShell.run(folder, Map.of("CVMFS_NOTIFY_AMQP_VHOST", "/guide-" + suffix), commands)) {
            shell.succeeds();

            assertThat(shell.output()).contains("dry run: would create 8, change 0", "done: 8 created");
            assertThat(folder.resolve("definitions.json")).content().contains("worker-" + suffix, "/guide-" + suffix);
            Management.of(broker).post(Files.readString(folder.resolve("definitions.json")), "definitions");
        } finally {
            Management.of(broker).delete("vhosts", "/guide-" + suffix);
            Management.of(broker).delete("users", "worker-" + suffix);
        }
    }
}
