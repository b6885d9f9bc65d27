package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import hudson.model.Descriptor;
import hudson.model.Item;
import hudson.model.User;
import hudson.security.ACL;
import hudson.security.ACLContext;
import hudson.security.AccessDeniedException3;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.ReplicaEntry;
import io.jenkins.plugins.cvmfs.notify.config.RepositoryEntry;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import io.jenkins.plugins.cvmfs.notify.steps.CvmfsPublishNotifyStep;
import io.jenkins.plugins.cvmfs.notify.steps.CvmfsTransactionStep;
import io.jenkins.plugins.cvmfs.notify.steps.WaitForCvmfsRevisionStep;
import io.jenkins.plugins.cvmfs.notify.trigger.CvmfsRevisionTrigger;
import java.lang.reflect.Method;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import jenkins.model.Jenkins;
import org.htmlunit.HttpMethod;
import org.htmlunit.WebRequest;
import org.htmlunit.WebResponse;
import org.htmlunit.util.NameValuePair;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.MockAuthorizationStrategy;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

@WithJenkins
class WebMethodsTest {

    private JenkinsRule jenkins;

    @BeforeEach
    void secure(JenkinsRule rule) {
        jenkins = rule;
        rule.jenkins.setSecurityRealm(rule.createDummySecurityRealm());
        rule.jenkins.setAuthorizationStrategy(new MockAuthorizationStrategy()
                .grant(Jenkins.ADMINISTER)
                .everywhere()
                .to("admin")
                .grant(Jenkins.READ, Item.READ)
                .everywhere()
                .to("reader"));
        CvmfsNotifyConfiguration.get()
                .setServers(List.of(new ServerEntry("main", "https://notify.example.org/api/v1")));
    }

    private static ACLContext as(String user) {
        return ACL.as2(User.getById(user, true).impersonate2());
    }

    private Stream<Descriptor<?>> configuration() {
        return Stream.of(ServerEntry.class, RepositoryEntry.class, ReplicaEntry.class)
                .map(type -> jenkins.jenkins.getDescriptorOrDie(type));
    }

    private static List<Method> webMethods(Descriptor<?> descriptor) {
        return Arrays.stream(descriptor.getClass().getMethods())
                .filter(method -> method.getName().matches("do[A-Z].*"))
                .filter(method -> method.getDeclaringClass().getName().startsWith("io.jenkins.plugins.cvmfs.notify."))
                .toList();
    }

    private static Object call(Descriptor<?> descriptor, Method method) throws ReflectiveOperationException {
        Object[] arguments = Arrays.stream(method.getParameterTypes())
                .map(type -> type == String.class ? "" : null)
                .toArray();
        return method.invoke(descriptor, arguments);
    }

    @Test
    void nobodyButAnAdministratorMayUseTheFormsOfTheConfiguration() {
        try (ACLContext ignored = as("reader")) {
            configuration()
                    .forEach(descriptor -> assertThat(webMethods(descriptor))
                            .isNotEmpty()
                            .allSatisfy(method -> assertThatThrownBy(() -> call(descriptor, method))
                                    .as("%s", method)
                                    .hasCauseInstanceOf(AccessDeniedException3.class)));
        }
    }

    @Test
    void theStepsFormsTellNothingToOneWhoMayNotConfigureTheJob() throws Exception {
        // Given
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        CvmfsPublishNotifyStep.DescriptorImpl publish =
                jenkins.jenkins.getDescriptorByType(CvmfsPublishNotifyStep.DescriptorImpl.class);
        WaitForCvmfsRevisionStep.DescriptorImpl wait =
                jenkins.jenkins.getDescriptorByType(WaitForCvmfsRevisionStep.DescriptorImpl.class);

        CvmfsRevisionTrigger.DescriptorImpl trigger =
                jenkins.jenkins.getDescriptorByType(CvmfsRevisionTrigger.DescriptorImpl.class);
        CvmfsNotifyConfiguration.get()
                .setRepositories(List.of(
                        new RepositoryEntry("sw.example.org"), new RepositoryEntry("conditions.example.org")));

        // When
        ListBoxModel seen;
        FormValidation judged;
        try (ACLContext ignored = as("reader")) {
            assertThat(publish.doFillRepositoryItems(job)).isEmpty();
            assertThat(trigger.doAutoCompleteRepository(job, "sw").getValues()).isEmpty();
            seen = publish.doFillServerItems(job, "chosen");
            judged = wait.doCheckRepository(job, "no name!", "");
        }
        ListBoxModel all;
        FormValidation wrong;
        try (ACLContext ignored = as("admin")) {
            assertThat(publish.doFillRepositoryItems(job)).containsExactly("sw.example.org", "conditions.example.org");
            assertThat(trigger.doAutoCompleteRepository(job, "sw.example.org, con")
                            .getValues())
                    .containsExactly("conditions.example.org");
            all = wait.doFillServerItems(job, "");
            wrong = wait.doCheckRepository(job, "no name!", "");
        }

        // Then
        assertThat(seen).extracting(option -> option.value).containsExactly("chosen");
        assertThat(judged.kind).isEqualTo(FormValidation.Kind.OK);
        assertThat(all).extracting(option -> option.value).containsExactly("", "main");
        assertThat(wrong.kind).isEqualTo(FormValidation.Kind.ERROR);
    }

    @Test
    void theStepsFormsWarnOfWhatIsNotConfigured() throws Exception {
        // Given
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        WaitForCvmfsRevisionStep.DescriptorImpl wait =
                jenkins.jenkins.getDescriptorByType(WaitForCvmfsRevisionStep.DescriptorImpl.class);
        CvmfsPublishNotifyStep.DescriptorImpl publish =
                jenkins.jenkins.getDescriptorByType(CvmfsPublishNotifyStep.DescriptorImpl.class);

        try (ACLContext ignored = as("admin")) {
            // When
            FormValidation repository = wait.doCheckRepository(job, "other.example.org", "");
            FormValidation replicas = wait.doCheckReplicas(job, "site-z", "other.example.org");
            FormValidation source = publish.doCheckRepository(job, "other.example.org", "", "");
            FormValidation url = publish.doCheckRepositoryUrl(job, "http://10.0.0.1/cvmfs/x.example.org", "", "");
            FormValidation gone = publish.doCheckServer(job, "gone", "sw.example.org");
            FormValidation there = wait.doCheckServer(job, "main", "sw.example.org");
            FormValidation both = publish.doCheckManifestFile(job, ".cvmfspublished", "", "http://10.0.0.1/x");
            RepositoryEntry signed = new RepositoryEntry("sw.example.org");
            signed.setMasterKeys("-----BEGIN PUBLIC KEY-----");
            CvmfsNotifyConfiguration.get().setRepositories(List.of(signed));
            FormValidation unverified = publish.doCheckVerify(job, "false", "sw.example.org");
            FormValidation unknown = publish.doCheckVerify(job, "false", "");

            // Then
            assertThat(repository.kind).isEqualTo(FormValidation.Kind.WARNING);
            assertThat(repository.getMessage()).contains("no repository &#039;other.example.org&#039; is configured");
            assertThat(replicas.kind).isEqualTo(FormValidation.Kind.WARNING);
            assertThat(source.kind).isEqualTo(FormValidation.Kind.WARNING);
            assertThat(url.kind).isEqualTo(FormValidation.Kind.WARNING);
            assertThat(url.getMessage()).contains("not allowed");
            assertThat(gone.kind).isEqualTo(FormValidation.Kind.WARNING);
            assertThat(unverified.kind).isEqualTo(FormValidation.Kind.WARNING);
            assertThat(unverified.getMessage()).contains("verify: false is not allowed");
            assertThat(unknown.kind).isEqualTo(FormValidation.Kind.OK);
            assertThat(there.kind).isEqualTo(FormValidation.Kind.OK);
            assertThat(both.kind).isEqualTo(FormValidation.Kind.ERROR);
        }
    }

    private Stream<Descriptor<?>> steps() {
        return Stream.of(
                        CvmfsPublishNotifyStep.DescriptorImpl.class,
                        CvmfsTransactionStep.DescriptorImpl.class,
                        WaitForCvmfsRevisionStep.DescriptorImpl.class)
                .map(type -> jenkins.jenkins.getDescriptorByType(type));
    }

    /** Under Jenkins itself, and for steps under the job too. */
    private List<String> urls(WorkflowJob job) {
        List<String> urls = new ArrayList<>();
        for (Descriptor<?> descriptor : Stream.concat(configuration(), steps()).toList()) {
            for (Method method : webMethods(descriptor)) {
                String name = method.getName().substring(2, 3).toLowerCase(Locale.ROOT)
                        + method.getName().substring(3);
                urls.add("descriptorByName/" + descriptor.getId() + "/" + name);
            }
        }
        steps().forEach(descriptor -> urls.stream()
                .filter(url -> url.contains(descriptor.getId()))
                .map(url -> job.getUrl() + url)
                .toList()
                .forEach(urls::add));
        return urls;
    }

    private WebResponse request(JenkinsRule.WebClient client, HttpMethod method, String url) throws Exception {
        WebRequest request = new WebRequest(new URL(jenkins.getURL(), url), method);
        if (method == HttpMethod.POST) {
            request.setRequestParameters(Stream.of(
                            "value",
                            "name",
                            "stratum0",
                            "replicaList",
                            "present",
                            "masterKeys",
                            "masterKeysCredentialsId",
                            "url",
                            "transport",
                            "credentialsId",
                            "server",
                            "after",
                            "rootHash",
                            "repository",
                            "replicas",
                            "repositoryUrl",
                            "manifestFile",
                            "unit",
                            "agents")
                    .map(name -> new NameValuePair(name, "no such thing!"))
                    .toList());
            client.addCrumb(request);
        }
        return client.loadWebResponse(request);
    }

    @Test
    void aGetReachesNoWebMethod() throws Exception {
        List<String> urls = urls(jenkins.createProject(WorkflowJob.class));
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            client.login("admin");
            for (String url : urls) {
                assertThat(request(client, HttpMethod.GET, url).getStatusCode())
                        .as("GET %s", url)
                        .isEqualTo(404);
                assertThat(request(client, HttpMethod.POST, url).getStatusCode())
                        .as("POST %s", url)
                        .isEqualTo(200);
            }
        }
        assertThat(urls).hasSize(77);
    }

    @Test
    void aPostWithoutPermissionReachesNoWebMethod() throws Exception {
        List<String> urls = urls(jenkins.createProject(WorkflowJob.class));
        try (JenkinsRule.WebClient client = jenkins.createWebClient().withThrowExceptionOnFailingStatusCode(false)) {
            client.login("nobody");
            for (String url : urls) {
                assertThat(request(client, HttpMethod.POST, url).getStatusCode())
                        .as("POST %s", url)
                        .isIn(403, 404);
            }
        }
    }

    @Test
    void aPostWithoutPermissionIsRefusedOrAnsweredWithNothing() throws Exception {
        List<String> urls = urls(jenkins.createProject(WorkflowJob.class));
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            client.login("reader");
            for (String url : urls) {
                WebResponse response = request(client, HttpMethod.POST, url);
                if (url.contains("Entry")) {
                    assertThat(response.getStatusCode()).as("POST %s", url).isEqualTo(403);
                } else {
                    assertThat(response.getContentAsString()).as("POST %s", url).doesNotContain("main", "class=error");
                }
            }
        }
    }

    private String snippet(String json) throws Exception {
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            client.login("admin");
            WebRequest request =
                    new WebRequest(new URL(jenkins.getURL(), "pipeline-syntax/generateSnippet"), HttpMethod.POST);
            request.setRequestParameters(List.of(new NameValuePair("json", json)));
            client.addCrumb(request);
            return client.getPage(request).getWebResponse().getContentAsString().trim();
        }
    }

    @Test
    void theSnippetGeneratorWritesWhatTheFormSays() throws Exception {
        // When
        String wait = snippet("""
                {"stapler-class": "io.jenkins.plugins.cvmfs.notify.steps.WaitForCvmfsRevisionStep",
                 "$class": "io.jenkins.plugins.cvmfs.notify.steps.WaitForCvmfsRevisionStep",
                 "repository": "sw.example.org", "revision": "7", "after": "", "rootHash": "",
                 "replicas": "site-a, site-b", "require": "majority", "timeout": "30", "unit": "MINUTES",
                 "onTimeout": "unstable", "onStale": "wait", "server": ""}
                """);
        String publish = snippet("""
                {"stapler-class": "io.jenkins.plugins.cvmfs.notify.steps.CvmfsPublishNotifyStep",
                 "$class": "io.jenkins.plugins.cvmfs.notify.steps.CvmfsPublishNotifyStep",
                 "repository": "sw.example.org", "repositoryUrl": "", "manifestFile": "", "server": "main",
                 "verify": true}
                """);

        // Then
        assertThat(wait)
                .isEqualTo("waitForCvmfsRevision onTimeout: 'unstable', replicas: ['site-a', 'site-b'],"
                        + " repository: 'sw.example.org', require: 'majority', revision: 7, timeout: 30");
        assertThat(publish).isEqualTo("cvmfsPublishNotify repository: 'sw.example.org', server: 'main'");
    }
}
