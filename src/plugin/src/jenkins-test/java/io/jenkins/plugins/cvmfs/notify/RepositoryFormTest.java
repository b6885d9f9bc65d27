package io.jenkins.plugins.cvmfs.notify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.cloudbees.plugins.credentials.Credentials;
import com.cloudbees.plugins.credentials.CredentialsScope;
import com.cloudbees.plugins.credentials.SecretBytes;
import com.cloudbees.plugins.credentials.SystemCredentialsProvider;
import hudson.model.Result;
import hudson.util.FormValidation;
import hudson.util.Secret;
import io.jenkins.plugins.casc.ConfigurationAsCode;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.ReplicaEntry;
import io.jenkins.plugins.cvmfs.notify.config.RepositoryEntry;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.htmlunit.html.DomElement;
import org.htmlunit.html.HtmlButton;
import org.htmlunit.html.HtmlElement;
import org.htmlunit.html.HtmlInput;
import org.htmlunit.html.HtmlPage;
import org.htmlunit.html.HtmlTextArea;
import org.jenkinsci.plugins.plaincredentials.impl.FileCredentialsImpl;
import org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** What the form of a repository fills in, and where its master keys may be. */
class RepositoryFormTest extends PipelineFixture {

    private static final int SCRIPTS_MILLIS = 20_000;
    private static final String PUBLISH = "cvmfsPublishNotify repository: 'sw.example.org'";

    private static RepositoryEntry configured() {
        return CvmfsNotifyConfiguration.get().getRepositories().get(0);
    }

    private static HtmlInput input(HtmlPage page, String field) {
        return page.getFirstByXPath("//div[@name='repositories']//input[@name='_." + field + "']");
    }

    private static HtmlTextArea text(HtmlPage page, String field) {
        return page.getFirstByXPath("//div[@name='repositories']//textarea[@name='_." + field + "']");
    }

    private static String press(JenkinsRule.WebClient client, HtmlPage page, String button) throws Exception {
        HtmlButton found = page.getFirstByXPath("//button[contains(@class, '" + button + "')]");
        found.click();
        client.waitForBackgroundJavaScript(SCRIPTS_MILLIS);
        return page.<DomElement>getFirstByXPath(
                        "//div[button[contains(@class, '" + button + "')]]/div[contains(@class, 'cvmfs-notify-status')]")
                .getTextContent();
    }

    private HtmlPage form(JenkinsRule.WebClient client) throws Exception {
        HtmlPage page = client.goTo("configure");
        client.waitForBackgroundJavaScript(SCRIPTS_MILLIS);
        return page;
    }

    @Test
    void whatTheRepositorySaysOfItselfIsFilledIn() throws Exception {
        // Given
        RepositoryEntry entry = new RepositoryEntry("");
        entry.setStratum0(site.url("zero"));
        entry.setMasterKeys(configured().getMasterKeys());
        CvmfsNotifyConfiguration.get().setRepositories(List.of(entry));

        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            HtmlPage page = form(client);

            // When
            String first = press(client, page, "cvmfs-notify-read-stratum0");
            input(page, "stratum0").setValue(site.url("nowhere"));
            String gone = press(client, page, "cvmfs-notify-read-stratum0");
            input(page, "stratum0").setValue("file:///etc");
            String local = press(client, page, "cvmfs-notify-read-stratum0");
            input(page, "stratum0").setValue(site.url("zero"));
            input(page, "name").setValue("other.example.org");
            String other = press(client, page, "cvmfs-notify-read-stratum0");
            input(page, "name").setValue("sw.example.org");
            jenkins.submit(page.getFormByName("config"));

            // Then
            assertThat(first)
                    .startsWith("sw.example.org, revision 1, published ")
                    .contains(site.rootHash(), "; verified: signed by ");
            assertThat(gone).contains("no such file");
            assertThat(local).isEqualTo("'file:///etc' is not an http or https URL");
            assertThat(other).endsWith("The name above is 'other.example.org'");
            assertThat(configured().getName()).isEqualTo("sw.example.org");
        }
    }

    @Test
    void theNameThatTheRepositoryHasIsFilledInWhereNoneIs() throws Exception {
        // Given
        RepositoryEntry entry = new RepositoryEntry("");
        entry.setStratum0(site.url("zero"));
        CvmfsNotifyConfiguration.get().setRepositories(List.of(entry));

        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            HtmlPage page = form(client);

            // When
            press(client, page, "cvmfs-notify-read-stratum0");
            jenkins.submit(page.getFormByName("config"));
        }

        // Then
        assertThat(configured().getName()).isEqualTo("sw.example.org");
    }

    @Test
    void aPastedListBecomesRowsAndWhatIsWrongStays() throws Exception {
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            // Given
            HtmlPage page = form(client);
            text(page, "replicaList")
                    .setText("http://s1.example.org/cvmfs/@fqrn@;" + site.url("site-a")
                            + "\nsite-d http://d.example.org/cvmfs/@fqrn@ through http://squid.example.org:3128\nftp://x/y\n");

            // When
            String status = press(client, page, "cvmfs-notify-read-list");
            String left = text(page, "replicaList").getText();
            text(page, "replicaList").setText("http://s2.example.org/cvmfs/@fqrn@");
            jenkins.submit(page.getFormByName("config"));

            // Then
            assertThat(status)
                    .isEqualTo("line 1: " + site.url("site-a") + " is named twice");
            assertThat(left).isEqualTo("ftp://x/y");
            assertThat(configured().getReplicas())
                    .extracting(ReplicaEntry::getName)
                    .containsExactly("site-a", "site-b", "s1.example.org", "site-d", "s2.example.org");
            assertThat(configured().getReplicas().get(3).getProxy()).isEqualTo("http://squid.example.org:3128");
            assertThat(configured().getReplicas().get(4).getUrl())
                    .isEqualTo("http://s2.example.org/cvmfs/sw.example.org");
        }
    }

    @Test
    void theFormSaysWhatAListAddsOrWhatIsWrongInIt() {
        // Given
        RepositoryEntry.DescriptorImpl form =
                jenkins.jenkins.getDescriptorByType(RepositoryEntry.DescriptorImpl.class);

        // When
        FormValidation good = form.doCheckReplicaList(null, "http://a.org/@fqrn@;http://b.org/@fqrn@", "sw.example.org");
        FormValidation bad = form.doCheckReplicaList(null, "http://a.org/@fqrn@\nnonsense\nftp://x/y", "sw.example.org");

        // Then
        assertThat(good.kind).isEqualTo(FormValidation.Kind.OK);
        assertThat(good.getMessage()).isEqualTo("Adds a.org, b.org");
        assertThat(bad.kind).isEqualTo(FormValidation.Kind.ERROR);
        assertThat(bad.renderHtml()).contains("line 2: ", "line 3: ");
        assertThat(form.doCheckReplicaList(null, "", "").kind).isEqualTo(FormValidation.Kind.OK);
    }

    @Test
    void configurationAsCodeTakesAListAndExportsTheReplicas() throws Exception {
        // Given
        Path file = Files.writeString(folder.resolve("list.yaml"), """
                unclassified:
                  cvmfsNotify:
                    repositories:
                      - name: sw.example.org
                        replicaList: "http://s1.example.org/cvmfs/@fqrn@;http://s2.example.org/cvmfs/@fqrn@"
                """);

        // When
        ConfigurationAsCode.get().configure(file.toString());
        ByteArrayOutputStream exported = new ByteArrayOutputStream();
        ConfigurationAsCode.get().export(exported);
        jenkins.configRoundtrip();

        // Then
        assertThat(exported.toString(UTF_8))
                .contains("url: \"http://s2.example.org/cvmfs/sw.example.org\"")
                .doesNotContain("replicaList");
        assertThat(configured().getReplicas()).extracting(ReplicaEntry::getName).containsExactly("s1.example.org", "s2.example.org");
    }

    private static void keep(Credentials credentials) throws Exception {
        SystemCredentialsProvider.getInstance().getCredentials().add(credentials);
        SystemCredentialsProvider.getInstance().save();
    }

    @Test
    void theMasterKeysMayBeASecretFileOrASecretText() throws Exception {
        // Given
        String keys = configured().getMasterKeys();
        keep(new FileCredentialsImpl(
                CredentialsScope.SYSTEM, "file", "", "sw.pub", SecretBytes.fromBytes(keys.getBytes(UTF_8))));
        keep(new StringCredentialsImpl(CredentialsScope.GLOBAL, "text", "", Secret.fromString(keys)));
        keep(new StringCredentialsImpl(CredentialsScope.GLOBAL, "token", "", Secret.fromString("something else")));
        configured().setMasterKeys(null);
        RepositoryEntry.DescriptorImpl form =
                jenkins.jenkins.getDescriptorByType(RepositoryEntry.DescriptorImpl.class);

        for (String id : List.of("file", "text")) {
            // When
            configured().setMasterKeysCredentialsId(id);
            WorkflowRun run = jenkins.buildAndAssertSuccess(job(PUBLISH));

            // Then
            jenkins.assertLogContains("verified: signed by ", run);
            assertThat(form.doCheckMasterKeysCredentialsId(null, id).kind).isEqualTo(FormValidation.Kind.OK);
        }
        assertThat(form.doFillMasterKeysCredentialsIdItems(null, ""))
                .extracting(option -> option.value)
                .contains("", "file", "text");
        configured().setMasterKeysCredentialsId("token");
        jenkins.assertLogContains(
                "the master keys of sw.example.org under Manage Jenkins > System are malformed: no '-----BEGIN",
                jenkins.buildAndAssertStatus(Result.FAILURE, job(PUBLISH)));
        assertThat(form.doCheckMasterKeysCredentialsId(null, "token").kind).isEqualTo(FormValidation.Kind.ERROR);
        configured().setMasterKeysCredentialsId("gone");
        WorkflowRun gone = jenkins.buildAndAssertStatus(Result.FAILURE, job(PUBLISH));
        jenkins.assertLogContains("there is no secret file or secret text with the id 'gone'", gone);
        jenkins.assertLogNotContains("malformed", gone);
        assertThat(form.doCheckMasterKeysCredentialsId(null, "gone").kind).isEqualTo(FormValidation.Kind.ERROR);
        jenkins.assertLogNotContains("announced", gone);
    }

    @Test
    void theReplicasAreOneRowEach() throws Exception {
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            // When
            HtmlPage page = form(client);
            List<HtmlElement> rows = page.getByXPath("//div[@class='cvmfs-notify-replicas']//div[@name='replicas']");

            // Then
            assertThat(rows).hasSize(2).allSatisfy(row -> {
                assertThat(row.<HtmlInput>getByXPath(".//input"))
                        .extracting(HtmlInput::getNameAttribute)
                        .containsExactly("_.name", "_.url", "_.proxy");
                assertThat(row.<HtmlElement>getByXPath(".//div[contains(@class, 'dd-handle')]"))
                        .hasSize(1);
                assertThat(row.<HtmlElement>getByXPath(".//button[contains(@class, 'repeatable-delete')]"))
                        .hasSize(1);
            });
        }
    }
}
