package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.cloudbees.hudson.plugins.folder.Folder;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.CredentialsStore;
import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import com.cloudbees.plugins.credentials.domains.Domain;
import hudson.ProxyConfiguration;
import hudson.model.Item;
import hudson.model.Result;
import hudson.model.User;
import hudson.security.ACL;
import hudson.security.ACLContext;
import hudson.security.AccessDeniedException3;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import hudson.util.Secret;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsFolderProperty;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.RepositoryEntry;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import io.jenkins.plugins.cvmfs.notify.steps.WaitForCvmfsRevisionStep;
import io.jenkins.plugins.cvmfs.notify.trigger.CvmfsRevisionCause;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import jenkins.model.Jenkins;
import org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.MockAuthorizationStrategy;

/** Servers and repositories of a folder. An HTTP proxy looks at the requests. */
class FolderTest extends PipelineFixture {

    private static final String TOKEN_OF_JENKINS = "tok-jenkins-4b1d";
    private static final String TOKEN_OF_TEAM = "tok-team-5e7a";
    private static final String BOTH = """
            def rev = cvmfsPublishNotify repository: 'sw.example.org', server: 'main'
            waitForCvmfsRevision repository: rev.repository, revision: rev.revision, server: 'main'
            """;

    private ForwardProxy proxy;
    private SiteConfiguration behind;
    private Folder team;

    @BeforeEach
    void configureAFolder() throws Exception {
        SystemCredentialsProvider.getInstance().getCredentials().add(secret("token", TOKEN_OF_JENKINS));
        SystemCredentialsProvider.getInstance().save();
        proxy = new ForwardProxy(site, "");
        jenkins.jenkins.setProxy(new ProxyConfiguration("127.0.0.1", proxy.port()));
        behind = ForwardProxy.behind(site);
        behind.apply(server("http://notify.invalid/api/v1", "token"));
        CvmfsNotifyConfiguration.get().setHostsInFolders("*.example.org, team.invalid");
        team = jenkins.createProject(Folder.class, "team");
        storeOf(team).addCredentials(Domain.global(), secret("team-token", TOKEN_OF_TEAM));
        configure(team, server("http://team.invalid/api/v1", "team-token"));
    }

    @AfterEach
    void closeProxy() throws Exception {
        proxy.close();
    }

    /** Of global scope, so that any pipeline could use it. */
    private static StringCredentialsImpl secret(String id, String token) {
        return new StringCredentialsImpl(CredentialsScope.GLOBAL, id, "", Secret.fromString(token));
    }

    private static CredentialsStore storeOf(Folder folder) {
        for (CredentialsStore store : CredentialsProvider.lookupStores(folder)) {
            if (store.getContext() == folder) {
                return store;
            }
        }
        throw new AssertionError("no store");
    }

    private static ServerEntry server(String url, String credentialsId) {
        ServerEntry entry = new ServerEntry("main", url);
        entry.setTransport("sse");
        entry.setCredentialsId(credentialsId);
        return entry;
    }

    private void configure(Folder folder, ServerEntry server) throws Exception {
        CvmfsFolderProperty property = new CvmfsFolderProperty();
        property.setServers(List.of(server));
        property.setRepositories(behind.entries());
        folder.getProperties().replace(property);
        folder.save();
    }

    private static WorkflowJob job(Folder folder, String script) throws Exception {
        WorkflowJob job = folder.createProject(WorkflowJob.class, "job" + folder.getItems().size());
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job;
    }

    private Stream<String> heads(String server) {
        return proxy.heads.stream().filter(head -> head.contains("http://" + server + "/"));
    }

    @Test
    void aFoldersServerReplacesTheOneOfJenkinsAndGetsTheTokenOfTheFolderOnly() throws Exception {
        // When
        jenkins.buildAndAssertSuccess(job(team, BOTH));

        // Then
        assertThat(heads("team.invalid"))
                .hasSizeGreaterThanOrEqualTo(2)
                .allSatisfy(head -> assertThat(head).contains("\r\nAuthorization: Bearer " + TOKEN_OF_TEAM));
        assertThat(heads("notify.invalid")).isEmpty();
        assertThat(proxy.heads).noneSatisfy(head -> assertThat(head).contains(TOKEN_OF_JENKINS));

        // When
        jenkins.buildAndAssertSuccess(job(BOTH));

        // Then
        assertThat(heads("notify.invalid"))
                .isNotEmpty()
                .allSatisfy(head -> assertThat(head).contains("\r\nAuthorization: Bearer " + TOKEN_OF_JENKINS));
        assertThat(heads("team.invalid")).noneSatisfy(head -> assertThat(head).contains(TOKEN_OF_JENKINS));
    }

    @Test
    void aFolderInheritsFromThoseAroundIt() throws Exception {
        // When
        Folder inner = team.createProject(Folder.class, "inner");
        jenkins.buildAndAssertSuccess(job(inner, BOTH));

        // Then
        assertThat(heads("team.invalid"))
                .isNotEmpty()
                .allSatisfy(head -> assertThat(head).contains(TOKEN_OF_TEAM));
    }

    @Test
    void aFoldersServerCannotUseCredentialsOfJenkins() throws Exception {
        // Given
        configure(team, server("http://team.invalid/api/v1", "token"));

        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(Result.FAILURE, job(team, BOTH));

        // Then
        jenkins.assertLogContains(
                "there is no secret text with the id 'token' among the credentials of the folder 'team'", run);
        assertThat(heads("team.invalid")).isEmpty();
    }

    @Test
    void aFoldersUrlsLeadOnlyToHostsThatAdministratorsAllow() throws Exception {
        // Given
        CvmfsNotifyConfiguration.get().setHostsInFolders("");

        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(Result.FAILURE, job(team, BOTH));

        // Then
        jenkins.assertLogContains("host 'team.invalid' is not allowed in folders", run);
        assertThat(heads("team.invalid")).isEmpty();
    }

    @Test
    void aRepositoryOfAFolderIsNotAnnouncedWithTheTokenOfJenkins() throws Exception {
        // Given
        CvmfsFolderProperty property = new CvmfsFolderProperty();
        property.setRepositories(behind.entries());
        team.getProperties().replace(property);

        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(Result.FAILURE, job(team, BOTH));

        // Then
        jenkins.assertLogContains("so it is not announced at notification server 'main'", run);
        assertThat(proxy.heads).noneSatisfy(head -> assertThat(head).startsWith("POST"));
    }

    @Test
    void aWaitGoesOnWhenItsFolderIsRenamed() throws Exception {
        // Given
        long revision = site.publish();
        WorkflowRun run = job(
                        team,
                        "waitForCvmfsRevision repository: 'sw.example.org', revision: %d, require: 2".formatted(revision))
                .scheduleBuild2(0)
                .waitForStart();
        awaitLog("connected to the notification server", run);

        // When
        team.renameTo("renamed");
        site.replicateEverywhere();
        site.announce(site.manifest());

        // Then
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        jenkins.buildAndAssertSuccess(job(team, BOTH));
    }

    @Test
    void aTriggerFindsTheRepositoryOfItsFolderOnceItIsThere() throws Exception {
        // Given
        RepositoryEntry entry = behind.entries().get(0);
        CvmfsNotifyConfiguration.get().setRepositories(List.of());
        team.getProperties().remove(CvmfsFolderProperty.class);
        WorkflowJob job = job(team, "properties([pipelineTriggers([cvmfsRevision('%s')])])".formatted(entry.getName()));
        jenkins.buildAndAssertSuccess(job);
        CvmfsNotifyConfiguration.get().setHostsInFolders("team.invalid cvmfs.invalid");

        // When
        configure(team, server("http://team.invalid/api/v1", "team-token"));
        await().atMost(Duration.ofMinutes(2))
                .until(() -> heads("team.invalid").count() > 0);
        TriggerTest.awaitFirstLook(job);
        site.publish();
        site.replicateEverywhere();
        site.announce(site.manifest());

        // Then
        await().atMost(Duration.ofMinutes(2))
                .until(() -> job.getLastBuild().getCause(CvmfsRevisionCause.class) != null);
        jenkins.waitUntilNoActivity();
        job.delete();
    }

    @Test
    void theFormKeepsTheEntriesAndAFolderWithoutAnyKeepsNothing() throws Exception {
        // Given
        Folder empty = jenkins.createProject(Folder.class, "empty");

        // When
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            jenkins.submit(client.getPage(team, "configure").getFormByName("config"));
            jenkins.submit(client.getPage(empty, "configure").getFormByName("config"));
        }

        // Then
        CvmfsFolderProperty kept = team.getProperties().get(CvmfsFolderProperty.class);
        ServerEntry server = kept.getServers().get(0);
        assertThat(server.getName()).isEqualTo("main");
        assertThat(server.getUrl()).isEqualTo("http://team.invalid/api/v1");
        assertThat(server.getTransport()).isEqualTo("sse");
        assertThat(server.getCredentialsId()).isEqualTo("team-token");
        assertThat(kept.getRepositories())
                .usingRecursiveComparison()
                .isEqualTo(behind.entries());
        assertThat(empty.getProperties().get(CvmfsFolderProperty.class)).isNull();
        assertThat(empty.getConfigFile().asString()).doesNotContain("cvmfs");
    }

    @Test
    void theFormsAreForThoseWhoMayConfigureTheFolder() throws Exception {
        // Given
        WorkflowJob job = job(team, BOTH);
        jenkins.jenkins.setSecurityRealm(jenkins.createDummySecurityRealm());
        jenkins.jenkins.setAuthorizationStrategy(new MockAuthorizationStrategy()
                .grant(Jenkins.READ, Item.READ)
                .everywhere()
                .to("reader", "owner")
                .grant(Item.CONFIGURE, Item.EXTENDED_READ)
                .onFolders(team)
                .to("owner"));
        ServerEntry.DescriptorImpl form = jenkins.jenkins.getDescriptorByType(ServerEntry.DescriptorImpl.class);
        WaitForCvmfsRevisionStep.DescriptorImpl step =
                jenkins.jenkins.getDescriptorByType(WaitForCvmfsRevisionStep.DescriptorImpl.class);

        try (ACLContext ignored = as("owner")) {
            // When
            FormValidation inside = form.doCheckUrl(team, "http://team.invalid/api/v1");
            FormValidation internal = form.doCheckUrl(team, "http://169.254.169.254/latest");
            FormValidation own = form.doCheckCredentialsId(team, "team-token", "http://team.invalid/api/v1");
            FormValidation foreign = form.doCheckCredentialsId(team, "token", "http://team.invalid/api/v1");
            ListBoxModel choices = form.doFillCredentialsIdItems(team, "", "http://team.invalid/api/v1");
            FormValidation connection =
                    form.doTestConnection(team, "http://team.invalid/api/v1", "sse", "team-token");
            int requests = proxy.heads.size();
            FormValidation elsewhere = form.doTestConnection(team, "http://cvmfs.invalid:22/api/v1", "sse", "");
            FormValidation withForeign =
                    form.doTestConnection(team, "http://team.invalid/api/v1", "sse", "token");

            // Then
            assertThat(inside.kind).isEqualTo(FormValidation.Kind.OK);
            assertThat(internal.getMessage()).contains("is not allowed in folders");
            assertThat(own.kind).isEqualTo(FormValidation.Kind.OK);
            assertThat(foreign.kind).isEqualTo(FormValidation.Kind.ERROR);
            assertThat(choices).extracting(choice -> choice.value).contains("team-token").doesNotContain("token");
            assertThat(connection.getMessage()).contains("Connected to http://team.invalid/api/v1");
            assertThat(elsewhere.getMessage()).contains("is not allowed in folders");
            assertThat(withForeign.getMessage()).contains("among the credentials of the folder");
            assertThat(proxy.heads).hasSize(requests);
            assertThat(proxy.heads).noneSatisfy(head -> assertThat(head).contains(TOKEN_OF_JENKINS));
            assertThat(step.doCheckServer(job, "main", "sw.example.org").kind).isEqualTo(FormValidation.Kind.OK);
            assertThatThrownBy(() -> form.doTestConnection(job, "http://team.invalid/api/v1", "sse", ""))
                    .as("the form belongs to a job, not to a folder")
                    .isInstanceOf(AccessDeniedException3.class);
            assertThatThrownBy(() -> form.doTestConnection(null, "http://team.invalid/api/v1", "sse", ""))
                    .isInstanceOf(AccessDeniedException3.class);
        }
        try (ACLContext ignored = as("reader")) {
            assertThatThrownBy(() -> form.doCheckUrl(team, "http://team.invalid/api/v1"))
                    .isInstanceOf(AccessDeniedException3.class);
            assertThatThrownBy(() -> form.doTestConnection(team, "http://team.invalid/api/v1", "sse", ""))
                    .isInstanceOf(AccessDeniedException3.class);
            assertThatThrownBy(() -> form.doFillCredentialsIdItems(team, "", ""))
                    .isInstanceOf(AccessDeniedException3.class);
        }
    }

    private static ACLContext as(String user) {
        return ACL.as2(User.getById(user, true).impersonate2());
    }
}
