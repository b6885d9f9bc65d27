package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.FreeStyleProject;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.ReplicaEntry;
import io.jenkins.plugins.cvmfs.notify.config.RepositoryEntry;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import io.jenkins.plugins.cvmfs.notify.steps.CvmfsPublishNotifyStep;
import io.jenkins.plugins.cvmfs.notify.steps.WaitForCvmfsRevisionStep;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.htmlunit.HttpMethod;
import org.htmlunit.WebRequest;
import org.htmlunit.html.DomElement;
import org.htmlunit.html.HtmlElement;
import org.htmlunit.html.HtmlInput;
import org.htmlunit.html.HtmlOption;
import org.htmlunit.html.HtmlPage;
import org.htmlunit.html.HtmlSelect;
import org.htmlunit.html.HtmlTextArea;
import org.jenkinsci.plugins.workflow.cps.Snippetizer;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

/** The forms as a browser shows them: filled in, generated from, read back. */
@WithJenkins
class FormsTest {

    private static final int SCRIPTS_MILLIS = 20_000;

    private JenkinsRule jenkins;

    @BeforeEach
    void configure(JenkinsRule rule) {
        jenkins = rule;
        CvmfsNotifyConfiguration.get()
                .setServers(List.of(
                        new ServerEntry("main", "https://notify.example.org/api/v1"),
                        new ServerEntry("second", "https://second.example.org/api/v1")));
    }

    private HtmlPage generator(JenkinsRule.WebClient client, String step) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        HtmlPage page = client.getPage(job, "pipeline-syntax/");
        HtmlSelect steps = page.getFirstByXPath("//select[option[starts-with(text(), '" + step + ":')]]");
        steps.setSelectedAttribute(
                steps.getOptions().stream()
                        .filter(option -> option.getText().startsWith(step + ":"))
                        .findFirst()
                        .orElseThrow(),
                true);
        client.waitForBackgroundJavaScript(SCRIPTS_MILLIS);
        return page;
    }

    private static void type(HtmlPage page, String field, String text) {
        HtmlInput input = page.getFirstByXPath("//input[@name='_." + field + "']");
        input.setValue(text);
    }

    private static void choose(HtmlPage page, String field, String value) {
        HtmlSelect select = page.getFirstByXPath("//select[@name='_." + field + "']");
        select.setSelectedAttribute(value, true);
    }

    private static String generated(JenkinsRule.WebClient client, HtmlPage page) throws Exception {
        page.<HtmlElement>getHtmlElementById("generatePipelineScript").click();
        client.waitForBackgroundJavaScript(SCRIPTS_MILLIS);
        return page.<HtmlTextArea>getHtmlElementById("prototypeText").getText().trim();
    }

    @Test
    void theSnippetGeneratorWritesAWaitAsItWasFilledIn() throws Exception {
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            // Given
            HtmlPage page = generator(client, "waitForCvmfsRevision");

            // When
            type(page, "repository", "sw.example.org");
            type(page, "revision", "7");
            type(page, "replicas", "site-a, site-b");
            type(page, "require", "majority");
            type(page, "timeout", "2");
            choose(page, "unit", "HOURS");
            choose(page, "onTimeout", "unstable");
            choose(page, "onStale", "fail");
            choose(page, "server", "second");

            // Then
            assertThat(generated(client, page))
                    .isEqualTo("waitForCvmfsRevision onStale: 'fail', onTimeout: 'unstable',"
                            + " replicas: ['site-a', 'site-b'], repository: 'sw.example.org', require: 'majority',"
                            + " revision: 7, server: 'second', timeout: 2, unit: 'HOURS'");
        }
    }

    @Test
    void theSnippetGeneratorWritesAWaitWithoutArguments() throws Exception {
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            HtmlPage page = generator(client, "waitForCvmfsRevision");

            assertThat(generated(client, page)).isEqualTo("waitForCvmfsRevision()");
        }
    }

    @Test
    void theSnippetGeneratorTakesATimeoutWithItsUnit() throws Exception {
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            HtmlPage page = generator(client, "waitForCvmfsRevision");
            type(page, "timeout", "90m");

            assertThat(generated(client, page)).isEqualTo("waitForCvmfsRevision timeout: '90m'");
        }
    }

    @Test
    void theSnippetGeneratorLeavesOutWhatWasLeftAsItIs() throws Exception {
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            HtmlPage page = generator(client, "waitForCvmfsRevision");
            type(page, "repository", "sw.example.org");
            type(page, "after", "7");

            assertThat(generated(client, page))
                    .isEqualTo("waitForCvmfsRevision after: 7, repository: 'sw.example.org'");
        }
    }

    @Test
    void eachEntryOfTheConfigurationShowsItsName() throws Exception {
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            // Given
            HtmlPage page = client.goTo("configure");
            client.waitForBackgroundJavaScript(SCRIPTS_MILLIS);

            // When
            HtmlInput name = page.<HtmlInput>getByXPath("//input[@name='_.name']").stream()
                    .filter(input -> input.getValue().equals("second"))
                    .findFirst()
                    .orElseThrow();
            name.setValue("third");
            name.fireEvent("input");

            // Then
            assertThat(page.<DomElement>getByXPath("//div[@class='repeated-chunk__header'][contains(., 'Notification server')]"))
                    .extracting(header -> header.getTextContent().trim())
                    .contains("Notification server main", "Notification server third");
        }
    }

    /** The messages beside the fields, of one kind. */
    private static List<String> messages(HtmlPage page, String kind) {
        return page
                .<DomElement>getByXPath("//div[contains(@class, 'validation-error-area')]//div[@class='" + kind + "']")
                .stream()
                .map(message -> message.getTextContent().trim())
                .toList();
    }

    @Test
    void aFormReportsAMissingRepositoryOnlyOnceThatFieldWasLeft() throws Exception {
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            for (String step : List.of("cvmfsPublishNotify", "cvmfsTransaction", "waitForCvmfsRevision")) {
                // Given
                HtmlPage page = generator(client, step);

                // When
                List<String> untouched = messages(page, "error");
                HtmlInput repository = page.getFirstByXPath("//input[@name='_.repository']");
                repository.focus();
                repository.blur();
                client.waitForBackgroundJavaScript(SCRIPTS_MILLIS);

                // Then
                assertThat(untouched).as(step).isEmpty();
                assertThat(messages(page, "error"))
                        .as(step)
                        .hasSize(step.equals("waitForCvmfsRevision") ? 0 : 1);
            }
        }
    }

    @Test
    void theRepositoryFieldOfTheSnippetGeneratorCompletesConfiguredNames() throws Exception {
        // Given
        CvmfsNotifyConfiguration.get()
                .setRepositories(
                        List.of(new RepositoryEntry("sw.example.org"), new RepositoryEntry("conditions.example.org")));

        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            for (String step : List.of("cvmfsPublishNotify", "cvmfsTransaction", "waitForCvmfsRevision")) {
                HtmlPage page = generator(client, step);

                // When
                HtmlInput repository = page.getFirstByXPath("//input[@name='_.repository']");
                WebRequest fill = client.addCrumb(new WebRequest(
                        page.getFullyQualifiedUrl(repository.getAttribute("fillUrl")), HttpMethod.POST));

                // Then
                assertThat(repository.getAttribute("class")).contains("combobox2");
                assertThat(client.loadWebResponse(fill).getContentAsString())
                        .as(step)
                        .isEqualTo("[\"sw.example.org\",\"conditions.example.org\"]");
            }
        }
    }

    @Test
    void aServerThatWasJustTypedCanBeChosen() throws Exception {
        // Given
        CvmfsNotifyConfiguration.get().setRepositories(List.of(new RepositoryEntry("sw.example.org")));

        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            HtmlPage page = client.goTo("configure");
            client.waitForBackgroundJavaScript(SCRIPTS_MILLIS);

            // When
            HtmlInput name = page.<HtmlInput>getByXPath("//div[@name='servers']//input[@name='_.name']").stream()
                    .filter(input -> input.getValue().equals("second"))
                    .findFirst()
                    .orElseThrow();
            name.setValue("third");
            name.fireEvent("change");
            client.waitForBackgroundJavaScript(SCRIPTS_MILLIS);
            HtmlSelect server = page.getFirstByXPath("//div[@name='repositories']//select[@name='_.server']");
            List<String> offered = server.getOptions().stream()
                    .map(HtmlOption::getValueAttribute)
                    .toList();
            server.setSelectedAttribute("third", true);
            client.waitForBackgroundJavaScript(SCRIPTS_MILLIS);
            List<String> errors = messages(page, "error");
            jenkins.submit(page.getFormByName("config"));

            // Then
            assertThat(offered).containsExactly("", "main", "third");
            assertThat(errors).isEmpty();
            assertThat(CvmfsNotifyConfiguration.get().getRepositories().get(0).getServer())
                    .isEqualTo("third");
        }
    }

    @Test
    void theSnippetGeneratorWritesAnAnnouncementAsItWasFilledIn() throws Exception {
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            // Given
            HtmlPage page = generator(client, "cvmfsPublishNotify");

            // When
            type(page, "manifestFile", "out/.cvmfspublished");
            choose(page, "server", "main");
            HtmlInput verify = page.getFirstByXPath("//input[@name='_.verify']");
            verify.setChecked(false);

            // Then
            assertThat(generated(client, page))
                    .isEqualTo("cvmfsPublishNotify manifestFile: 'out/.cvmfspublished', server: 'main', verify: false");
        }
    }

    @Test
    void theSnippetGeneratorWritesATransaction() throws Exception {
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            // Given
            HtmlPage page = generator(client, "cvmfsTransaction");

            // When
            type(page, "repository", "sw.example.org");
            String plain = generated(client, page);
            type(page, "tag", "v1");
            type(page, "leaseTimeout", "90m");

            // Then
            assertThat(plain).isEqualTo("cvmfsTransaction('sw.example.org') {\n    // some block\n}");
            assertThat(generated(client, page))
                    .isEqualTo("cvmfsTransaction(leaseTimeout: '90m', repository: 'sw.example.org', tag: 'v1') {\n"
                            + "    // some block\n}");
        }
    }

    @Test
    void everyFieldOfAFormHasALabelAndHelp() throws Exception {
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            for (String step : List.of("waitForCvmfsRevision", "cvmfsPublishNotify", "cvmfsTransaction")) {
                HtmlPage page = generator(client, step);
                List<DomElement> all = page.getByXPath("//*[self::input or self::select][starts-with(@name, '_.')]");
                Set<String> parameters = ExamplesTest.PARAMETERS.get(step);
                List<DomElement> fields = all.stream()
                        .filter(field ->
                                parameters.contains(field.getAttribute("name").substring(2)))
                        .toList();

                assertThat(fields).hasSameSizeAs(parameters).allSatisfy(field -> {
                    assertThat(field.<DomElement>getByXPath("ancestor::div[contains(@class, 'jenkins-form-item')][1]"
                                    + "//*[contains(@class, 'jenkins-form-label') or self::label]"))
                            .as("label of %s", field.getAttribute("name"))
                            .anySatisfy(
                                    label -> assertThat(label.getTextContent()).isNotBlank());
                    assertThat(field.<DomElement>getByXPath("ancestor::div[contains(@class, 'jenkins-form-item')][1]"
                                    + "//a[contains(@class, 'jenkins-help-button')]"))
                            .as("help for %s", field.getAttribute("name"))
                            .isNotEmpty();
                });
            }
        }
    }

    static Stream<Step> steps() {
        WaitForCvmfsRevisionStep plain = new WaitForCvmfsRevisionStep();
        plain.setRepository("sw.example.org");
        plain.setRevision(7L);
        WaitForCvmfsRevisionStep full = new WaitForCvmfsRevisionStep();
        full.setRepository("sw.example.org");
        full.setAfter(8L);
        full.setReplicas(List.of("site-a", "site-b"));
        full.setAddresses("all");
        full.setRequire("2");
        full.setTimeout(3);
        full.setUnit(TimeUnit.DAYS);
        full.setOnTimeout("continue");
        full.setOnStale("skip");
        full.setServer("second");
        CvmfsPublishNotifyStep publish = new CvmfsPublishNotifyStep();
        publish.setRepositoryUrl("http://stratum0.example.org/cvmfs/sw.example.org");
        publish.setVerify(false);
        return Stream.of(plain, full, publish);
    }

    @Test
    void aStepComesBackFromItsFormAsItWas() throws Exception {
        for (Step step : steps().toList()) {
            // Given
            FreeStyleProject project = jenkins.createFreeStyleProject();
            project.getBuildersList().add(new StepHolder(step));

            // When
            jenkins.submit(
                    jenkins.createWebClient().getPage(project, "configure").getFormByName("config"));

            // Then
            Step after = project.getBuildersList().get(StepHolder.class).getStep();
            assertThat(after).isNotSameAs(step);
            jenkins.assertEqualDataBoundBeans(step, after);
            assertThat(Snippetizer.object2Groovy(after)).isEqualTo(Snippetizer.object2Groovy(step));
        }
    }

    @Test
    void theConfigurationShowsWhatIsConfigured() throws Exception {
        // Given
        RepositoryEntry repository = new RepositoryEntry("sw.example.org");
        repository.setReplicas(List.of(new ReplicaEntry("site-a", "http://site-a.example.org/cvmfs/sw.example.org")));
        CvmfsNotifyConfiguration.get().setRepositories(List.of(repository));

        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            // When
            HtmlPage page = client.goTo("manage/configure");

            // Then
            assertThat(page.asNormalizedText()).contains("CVMFS notifications", "Allow URLs in pipelines");
            assertThat(page.<HtmlInput>getByXPath("//input[@name='_.url']"))
                    .extracting(HtmlInput::getValue)
                    .contains("https://second.example.org/api/v1", "http://site-a.example.org/cvmfs/sw.example.org");
        }
    }
}
