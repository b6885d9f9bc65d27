package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import hudson.util.FormValidation;
import hudson.util.Secret;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import io.jenkins.plugins.cvmfs.notify.page.CvmfsBuildAction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** A server that lets Jenkins subscribe to one repository only, and not to the one that is waited for. */
class RefusedSubscriptionTest extends PipelineFixture {

    private String token;

    @Override
    Site site(Path empty) throws Exception {
        token = makeToken(empty);
        return new Site(
                empty,
                List.of("site-a", "site-b"),
                List.of(Site.REPOSITORY),
                List.of("--config=" + empty.resolve("config.json")));
    }

    /** Makes a token with the service's own command, and a configuration that knows it. */
    private static String makeToken(Path folder) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        System.getProperty("notify-proxy.jar"),
                        "token",
                        "--name=jenkins",
                        "--publish=sw.example.org",
                        "--subscribe=data.example.org")
                .start();
        String printed = new String(process.getInputStream().readAllBytes());
        String entry = printed.lines().filter(line -> line.startsWith("{")).findFirst().orElse(printed);
        Files.writeString(
                folder.resolve("config.json"),
                "{\"access\": {\"anonymous_subscribe\": \"nobody\", \"tokens\": [%s]}}".formatted(entry));
        return printed.lines()
                .flatMap(line -> List.of(line.split("[\\s\"]+")).stream())
                .filter(word -> word.startsWith("cvmfs-notify_"))
                .findFirst()
                .orElseThrow(() -> new AssertionError(printed));
    }

    private void useToken() throws IOException {
        SystemCredentialsProvider.getInstance()
                .getCredentials()
                .add(new StringCredentialsImpl(
                        CredentialsScope.SYSTEM, "cvmfs-token", "for the server", Secret.fromString(token)));
        SystemCredentialsProvider.getInstance().save();
        ServerEntry server = new ServerEntry("main", site.proxyUrl());
        server.setCredentialsId("cvmfs-token");
        site.configuration().apply(server);
    }

    @Test
    void aWaitSaysOnceThatItIsRefusedAndGoesOnPolling() throws Exception {
        // Given
        useToken();
        long revision = site.publish();

        // When
        WorkflowRun run = start("waitForCvmfsRevision repository: 'sw.example.org', revision: %d".formatted(revision));
        awaitLog("the notification server refuses the subscription, the replicas are read more often: ", run);

        // Then
        await().atMost(Duration.ofMinutes(1))
                .until(() -> run.getAction(CvmfsBuildAction.class)
                        .getWaits()
                        .get(0)
                        .getConnection()
                        .contains("refuses the subscription"));
        site.replicateEverywhere();
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        String log = JenkinsRule.getLog(run);
        assertThat(log).containsOnlyOnce("the notification server refuses the subscription");
        assertThat(log).contains("these credentials lack the right to subscribe to sw.example.org");
        assertThat(log).doesNotContain("connected to the notification server", token);
    }

    @Test
    void theConnectionTestReportsTheRefusalAndWhatTheTokenMayDo() throws Exception {
        // Given
        useToken();
        ServerEntry.DescriptorImpl form = jenkins.jenkins.getDescriptorByType(ServerEntry.DescriptorImpl.class);

        // When
        FormValidation configured = form.doTestConnection(null, site.proxyUrl(), "auto", "cvmfs-token");
        CvmfsNotifyConfiguration.get().setRepositories(List.of());
        FormValidation before = form.doTestConnection(null, site.proxyUrl(), "auto", "cvmfs-token");
        FormValidation events = form.doTestConnection(null, site.proxyUrl(), "sse", "cvmfs-token");

        // Then
        assertThat(configured.kind).isEqualTo(FormValidation.Kind.ERROR);
        assertThat(configured.getMessage())
                .contains("connected, but ", "lack the right to subscribe to sw.example.org");
        assertThat(before.kind).isEqualTo(FormValidation.Kind.OK);
        assertThat(before.getMessage())
                .contains("by WebSocket. The token may announce every repository, and subscribe to data.example.org");
        assertThat(events.kind).isEqualTo(FormValidation.Kind.OK);
        assertThat(events.getMessage()).contains("by server-sent events");
    }
}
