package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.cloudbees.hudson.plugins.folder.Folder;
import com.cloudbees.plugins.credentials.Credentials;
import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.SecretBytes;
import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import com.cloudbees.plugins.credentials.domains.Domain;
import com.cloudbees.plugins.credentials.domains.HostnameSpecification;
import hudson.ExtensionList;
import hudson.model.Item;
import hudson.model.User;
import hudson.security.ACL;
import hudson.security.ACLContext;
import hudson.util.Secret;
import io.jenkins.plugins.cvmfs.notify.config.ConfigurationMonitor;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsFolderProperty;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.ReplicaEntry;
import io.jenkins.plugins.cvmfs.notify.config.RepositoryEntry;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import java.time.Duration;
import java.util.List;
import jenkins.model.Jenkins;
import org.htmlunit.html.HtmlPage;
import org.jenkinsci.plugins.plaincredentials.impl.FileCredentialsImpl;
import org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.MockAuthorizationStrategy;

/** The administrative monitor: shown with what is wrong, gone when it is right. */
class ConfigurationMonitorTest extends PipelineFixture {

    @Override
    Site site(java.nio.file.Path empty) throws Exception {
        return new Site(
                empty,
                List.of("site-a", "site-b"),
                List.of(Site.REPOSITORY),
                List.of("--set=access.anonymous_subscribe=nobody"));
    }

    private static ConfigurationMonitor monitor() {
        return ExtensionList.lookupSingleton(ConfigurationMonitor.class);
    }

    private static List<String> texts() {
        return monitor().getLines().stream().map(ConfigurationMonitor.Line::text).toList();
    }

    @Test
    void aMistakeIsShownWithItsLinkUntilItIsFixed() throws Exception {
        // Given
        assertThat(monitor().isActivated()).isFalse();
        CvmfsNotifyConfiguration configuration = CvmfsNotifyConfiguration.get();
        ServerEntry evil = new ServerEntry("<script>alert(1)</script>", "https://notify.example.org");

        // When
        configuration.setServers(List.of(evil, evil));

        // Then
        assertThat(monitor().isActivated()).isTrue();
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            HtmlPage page = client.goTo("manage");
            assertThat(page.asNormalizedText()).contains("<script>alert(1)</script>", "servers[0] has this name too");
            assertThat(page.getWebResponse().getContentAsString()).doesNotContain("<script>alert(1)");
            assertThat(page.<Object>getByXPath("//a[contains(@href, 'manage/configure')][.='Configure']"))
                    .isNotEmpty();
        }

        // When
        site.configuration().apply();

        // Then
        assertThat(monitor().isActivated()).isFalse();
    }

    @Test
    void credentialsThatAreMissingOrOfAnotherKindAreNamedUntilTheyAreThere() throws Exception {
        // Given
        CvmfsNotifyConfiguration configuration = CvmfsNotifyConfiguration.get();
        ServerEntry server = new ServerEntry("main", site.proxyUrl());
        server.setCredentialsId("token");
        RepositoryEntry repository = new RepositoryEntry("sw.example.org");
        repository.setMasterKeysCredentialsId("keys");

        // When
        configuration.setServers(List.of(server));
        configuration.setRepositories(List.of(repository));

        // Then
        assertThat(monitor().getLines())
                .extracting(ConfigurationMonitor.Line::text, ConfigurationMonitor.Line::link)
                .containsExactly(
                        tuple(
                                "notification server 'main': there is no secret text with the id 'token' among Jenkins'"
                                        + " credentials",
                                "manage/configure"),
                        tuple(
                                "master keys of repository 'sw.example.org': there is no secret file or secret text with the"
                                        + " id 'keys' among Jenkins' credentials",
                                "manage/configure"));

        // When
        keep(new FileCredentialsImpl(
                CredentialsScope.GLOBAL, "token", "", "token.txt", SecretBytes.fromBytes(new byte[] {1})));
        keep(new StringCredentialsImpl(CredentialsScope.GLOBAL, "keys", "", Secret.fromString("no key")));

        // Then
        assertThat(texts())
                .satisfiesExactly(
                        text -> assertThat(text).endsWith("credentials; those with this id are of the kind 'Secret file'"),
                        text -> assertThat(text)
                                .startsWith("master keys of repository 'sw.example.org': ")
                                .contains("BEGIN PUBLIC KEY"));

        // When
        SystemCredentialsProvider.getInstance().getCredentials().clear();
        keep(new StringCredentialsImpl(CredentialsScope.GLOBAL, "token", "", Secret.fromString("a token")));
        repository.setMasterKeysCredentialsId(null);
        configuration.setRepositories(List.of(repository));

        // Then
        assertThat(texts()).isEmpty();
    }

    @Test
    void credentialsOfAnotherDomainAreNamed() throws Exception {
        // Given
        SystemCredentialsProvider.getInstance()
                .getDomainCredentialsMap()
                .put(
                        new Domain("elsewhere", null, List.of(new HostnameSpecification("elsewhere.example.org", null))),
                        List.of(new StringCredentialsImpl(
                                CredentialsScope.GLOBAL, "token", "", Secret.fromString("a token"))));
        SystemCredentialsProvider.getInstance().save();
        ServerEntry server = new ServerEntry("main", "https://notify.example.org");
        server.setCredentialsId("token");

        // When
        CvmfsNotifyConfiguration.get().setServers(List.of(server));

        // Then
        assertThat(texts()).singleElement().asString().endsWith("; the one with this id is in a domain without the URL");
    }

    @Test
    void aFolderHasItsOwnCredentials() throws Exception {
        // Given
        keep(new StringCredentialsImpl(CredentialsScope.GLOBAL, "token", "", Secret.fromString("a token")));
        Folder team = jenkins.createProject(Folder.class, "team");
        ServerEntry server = new ServerEntry("team", site.proxyUrl());
        server.setCredentialsId("token");
        CvmfsFolderProperty property = new CvmfsFolderProperty();
        property.setServers(List.of(server));
        team.addProperty(property);

        // Then
        assertThat(monitor().getLines())
                .extracting(ConfigurationMonitor.Line::text, ConfigurationMonitor.Line::link)
                .containsExactly(tuple(
                        "notification server 'team' of the folder 'team': there is no secret text with the id 'token' among the"
                                + " credentials of the folder 'team'",
                        "job/team/configure"));

        // When
        CredentialsProvider.lookupStores(team)
                .iterator()
                .next()
                .addCredentials(
                        Domain.global(),
                        new StringCredentialsImpl(CredentialsScope.GLOBAL, "token", "", Secret.fromString("a token")));

        // Then
        assertThat(texts()).isEmpty();
    }

    private static void keep(Credentials credentials) throws Exception {
        SystemCredentialsProvider.getInstance().getCredentials().add(credentials);
        SystemCredentialsProvider.getInstance().save();
    }

    @Test
    void aRefusedSubscriptionIsShownUntilTheConfigurationChanges() throws Exception {
        // When
        WorkflowRun run = start("waitForCvmfsRevision repository: 'sw.example.org', after: 0, require: 1");
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        WorkflowRun waiting = start("waitForCvmfsRevision repository: 'sw.example.org', after: 999");
        awaitLog("refuses the subscription", waiting);

        // Then
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(texts())
                        .singleElement()
                        .asString()
                        .contains("notification server 'main' refuses the subscription to sw.example.org: "));

        // When
        waiting.getExecutor().interrupt();
        jenkins.waitForCompletion(waiting);
        ServerEntry polled = new ServerEntry("main", site.proxyUrl());
        polled.setTransport("poll");
        site.configuration().apply(polled);

        // Then
        assertThat(texts()).isEmpty();
    }

    @Test
    void onlyThoseWhoMaySeeTheConfigurationSeeIt() throws Exception {
        // Given
        jenkins.jenkins.setSecurityRealm(jenkins.createDummySecurityRealm());
        jenkins.jenkins.setAuthorizationStrategy(new MockAuthorizationStrategy()
                .grant(Jenkins.ADMINISTER)
                .everywhere()
                .to("admin")
                .grant(Jenkins.READ, Jenkins.SYSTEM_READ)
                .everywhere()
                .to("auditor")
                .grant(Jenkins.READ)
                .everywhere()
                .to("reader"));
        RepositoryEntry wrong = new RepositoryEntry("sw.example.org");
        wrong.setReplicas(List.of(new ReplicaEntry("site-a", "nowhere")));
        CvmfsNotifyConfiguration.get().setRepositories(List.of(wrong));

        // Then
        assertThat(maySee("admin")).isTrue();
        assertThat(maySee("auditor")).isTrue();
        assertThat(maySee("reader")).isFalse();
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            client.login("auditor");
            assertThat(client.goTo("manage").asNormalizedText())
                    .contains("replica 'site-a' of repository 'sw.example.org': 'nowhere' is not an http or https URL")
                    .doesNotContain("Dismiss");
        }
    }

    @Test
    void mistakesInAFolderAreShownToThoseWhoMayReadItsConfiguration() throws Exception {
        // Given
        Folder team = jenkins.createProject(Folder.class, "team");
        RepositoryEntry wrong = new RepositoryEntry("team.example.org");
        wrong.setServer("unknown");
        wrong.setReplicas(List.of(new ReplicaEntry("site-a", "http://internal.invalid/cvmfs/team.example.org")));
        CvmfsFolderProperty property = new CvmfsFolderProperty();
        property.setRepositories(List.of(wrong));
        team.addProperty(property);
        jenkins.jenkins.setSecurityRealm(jenkins.createDummySecurityRealm());
        jenkins.jenkins.setAuthorizationStrategy(new MockAuthorizationStrategy()
                .grant(Jenkins.ADMINISTER)
                .everywhere()
                .to("admin")
                .grant(Jenkins.READ, Jenkins.SYSTEM_READ, Item.READ)
                .everywhere()
                .to("auditor"));

        // Then
        try (ACLContext ignored = as("admin")) {
            assertThat(monitor().getLines())
                    .allSatisfy(line -> assertThat(line.link()).isEqualTo("job/team/configure"))
                    .extracting(ConfigurationMonitor.Line::text)
                    .satisfiesExactlyInAnyOrder(
                            text -> assertThat(text)
                                    .isEqualTo("repository 'team.example.org' of the folder 'team':"
                                            + " no notification server 'unknown' is configured"),
                            text -> assertThat(text)
                                    .startsWith("replica 'site-a' of repository 'team.example.org' of the folder 'team':"
                                            + " host 'internal.invalid' is not allowed in folders"));
        }
        try (ACLContext ignored = as("auditor")) {
            assertThat(monitor().isActivated()).isFalse();
        }

        // When
        team.renameTo("team-2");

        // Then
        try (ACLContext ignored = as("admin")) {
            assertThat(monitor().getLines())
                    .extracting(ConfigurationMonitor.Line::link)
                    .containsOnly("job/team-2/configure");
        }

        // When
        wrong.setServer("main");
        wrong.setReplicas(List.of());
        team.save();

        // Then
        try (ACLContext ignored = as("admin")) {
            assertThat(monitor().isActivated()).isFalse();
        }
    }

    private static ACLContext as(String user) {
        return ACL.as2(User.getById(user, true).impersonate2());
    }

    private static boolean maySee(String user) {
        try (ACLContext ignored = as(user)) {
            return monitor().hasRequiredPermission();
        }
    }
}
