package io.jenkins.plugins.cvmfs.notify;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import hudson.ProxyConfiguration;
import hudson.model.Fingerprint;
import hudson.model.Result;
import hudson.util.FormValidation;
import hudson.util.Secret;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.jenkinsci.plugins.plaincredentials.StringCredentials;
import org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.LogRecorder;

/** The token of a server: who gets it, who sees it, and what is recorded of its use. An HTTP proxy looks at the requests. */
class CredentialsTest extends PipelineFixture {

    private static final String TOKEN = "tok-4b1d-5e7a";
    private static final String BOTH = """
            def rev = cvmfsPublishNotify repository: 'sw.example.org'
            waitForCvmfsRevision repository: rev.repository, revision: rev.revision
            """;

    private final LogRecorder log = new LogRecorder()
            .record("io.jenkins.plugins.cvmfs.notify", Level.ALL)
            .record("org.eclipse.jetty", Level.ALL)
            .capture(100_000);
    private StringCredentials credentials;
    private ForwardProxy proxy;
    private SiteConfiguration behind;

    @BeforeEach
    void giveJenkinsAToken() throws Exception {
        credentials = new StringCredentialsImpl(
                CredentialsScope.SYSTEM, "cvmfs-token", "for the notification server", Secret.fromString(TOKEN));
        SystemCredentialsProvider.getInstance().getCredentials().add(credentials);
        SystemCredentialsProvider.getInstance().save();
        proxy = new ForwardProxy(site, "");
        jenkins.jenkins.setProxy(new ProxyConfiguration("127.0.0.1", proxy.port()));
        behind = ForwardProxy.behind(site);
        behind.apply(server(behind.server(), "cvmfs-token"));
    }

    @AfterEach
    void closeProxy() throws Exception {
        proxy.close();
        log.close();
    }

    private static ServerEntry server(String url, String credentialsId) {
        ServerEntry entry = new ServerEntry("main", url);
        entry.setTransport("sse");
        entry.setCredentialsId(credentialsId);
        return entry;
    }

    private Stream<String> heads(String server) {
        return proxy.heads.stream().filter(head -> head.contains("http://" + server + "/"));
    }

    @Test
    void theTokenGoesToItsServerAndNowhereElse() throws Exception {
        // When
        WorkflowRun run = jenkins.buildAndAssertSuccess(job(BOTH));

        // Then
        assertThat(heads("notify.invalid"))
                .hasSizeGreaterThanOrEqualTo(2)
                .allSatisfy(head -> assertThat(head).contains("\r\nAuthorization: Bearer " + TOKEN));
        assertThat(heads("cvmfs.invalid"))
                .isNotEmpty()
                .noneSatisfy(head -> assertThat(head).containsAnyOf(TOKEN, "Authorization"));
        assertThat(proxy.heads)
                .noneSatisfy(head ->
                        assertThat(head.lines().findFirst().orElseThrow()).contains(TOKEN));
        assertThat(JenkinsRule.getLog(run)).doesNotContain(TOKEN);
        requireSecret();
    }

    @Test
    void theUseOfTheTokenIsRecorded() throws Exception {
        // When
        WorkflowRun run = jenkins.buildAndAssertSuccess(job(BOTH));

        // Then
        Fingerprint use = CredentialsProvider.getFingerprintOf(credentials);
        assertThat(use).isNotNull();
        assertThat(use.getJobs()).contains(run.getParent().getFullName());
        assertThat(use.getRangeSet(run.getParent().getFullName()).includes(run.getNumber()))
                .isTrue();
    }

    @Test
    void aServerThatRefusesTheTokenDoesNotMakeItKnown() throws Exception {
        // Given a server that answers every publish with an error
        behind.apply(server("http://cvmfs.invalid/api/v1", "cvmfs-token"));

        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(Result.FAILURE, job(BOTH));
        FormValidation trial = jenkins.jenkins
                .getDescriptorByType(ServerEntry.DescriptorImpl.class)
                .doTestConnection(null, "http://cvmfs.invalid/api/v1", "sse", "cvmfs-token");

        // Then
        assertThat(JenkinsRule.getLog(run)).doesNotContain(TOKEN);
        assertThat(trial.kind).isEqualTo(FormValidation.Kind.ERROR);
        assertThat(trial.renderHtml()).doesNotContain(TOKEN);
        requireSecret();
    }

    @Test
    void credentialsThatAreNotThereFailTheStepWithTheirId() throws Exception {
        // Given
        behind.apply(server(behind.server(), "no-such-token"));

        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(Result.FAILURE, job(BOTH));

        // Then
        jenkins.assertLogContains("there is no secret text with the id 'no-such-token'", run);
        assertThat(heads("notify.invalid")).isEmpty();
    }

    @Test
    void theFormTellsOfCredentialsThatAreNotThere() {
        // Given
        ServerEntry.DescriptorImpl form = jenkins.jenkins.getDescriptorByType(ServerEntry.DescriptorImpl.class);

        // When
        FormValidation there = form.doCheckCredentialsId(null, "cvmfs-token", behind.server());
        FormValidation gone = form.doCheckCredentialsId(null, "no-such-token", behind.server());

        // Then
        assertThat(there.kind).isEqualTo(FormValidation.Kind.OK);
        assertThat(gone.kind).isEqualTo(FormValidation.Kind.ERROR);
        assertThat(gone.getMessage()).contains("no-such-token");
    }

    /** In no file of Jenkins, and in no line of its log at the finest level. */
    private void requireSecret() throws IOException {
        try (Stream<Path> files = Files.walk(jenkins.jenkins.getRootDir().toPath())) {
            assertThat(files.filter(Files::isRegularFile)
                            .filter(file -> file.toFile().length() < 1_000_000))
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(new String(Files.readAllBytes(file), ISO_8859_1))
                            .as("%s", file)
                            .doesNotContain(TOKEN));
        }
        assertThat(log.getMessages()).noneSatisfy(message -> assertThat(message).contains(TOKEN));
        assertThat(log.getRecords())
                .noneSatisfy(
                        record -> assertThat(String.valueOf(record.getThrown())).contains(TOKEN));
    }
}
