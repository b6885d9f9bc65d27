package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import hudson.model.Item;
import hudson.model.Result;
import hudson.model.User;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.ReplicaEntry;
import io.jenkins.plugins.cvmfs.notify.page.CvmfsBuildAction;
import io.jenkins.plugins.cvmfs.notify.page.CvmfsJobAction;
import io.jenkins.plugins.cvmfs.notify.page.StepRecord.State;
import io.jenkins.plugins.cvmfs.notify.page.WaitRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Map;
import jenkins.model.Jenkins;
import jenkins.model.experimentalflags.UserExperimentalFlagsProperty;
import net.sf.json.JSONObject;
import org.htmlunit.html.DomElement;
import org.htmlunit.html.HtmlPage;
import org.jenkinsci.plugins.workflow.graph.FlowNode;
import org.jenkinsci.plugins.workflow.graphanalysis.DepthFirstScanner;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.MockAuthorizationStrategy;

/** The tab "CVMFS" of a build, and the part of the job's page. */
class BuildPageTest extends PipelineFixture {

    private static final String ANNOUNCE_AND_WAIT = """
            def rev = cvmfsPublishNotify repository: 'sw.example.org'
            waitForCvmfsRevision repository: 'sw.example.org', revision: rev.revision, timeout: 5
            """;

    private static CvmfsBuildAction page(WorkflowRun run) {
        return run.getAction(CvmfsBuildAction.class);
    }

    private void awaitReadable(String replica, WorkflowRun run) {
        await().atMost(Duration.ofMinutes(1))
                .until(() -> page(run) != null
                        && page(run).getWaits().stream()
                                .flatMap(wait -> wait.getReplicas().stream())
                                .anyMatch(each -> each.getName().equals(replica) && each.isCounted()));
    }

    /** A build that waits for revision 2 on site-b; site-a has it. */
    private WorkflowRun waiting() throws Exception {
        WorkflowRun run = start("""
                cvmfsPublishNotify repository: 'sw.example.org'
                waitForCvmfsRevision repository: 'sw.example.org', revision: 2, timeout: 5
                """);
        awaitLog("site-b serves revision 1", run);
        publish("site-a");
        awaitReadable("site-a", run);
        return run;
    }

    /** Each announcement of a new revision lets the wait look at once. */
    private void publish(String replica) {
        site.publish();
        site.replicate(replica);
        site.announce(site.manifest());
    }

    private void finish(WorkflowRun run) throws Exception {
        publish("site-b");
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
    }

    private static List<String> labels(HtmlPage page) {
        return page.querySelectorAll("svg.cvmfs-timeline__row").stream()
                .map(svg -> ((DomElement) svg).getAttribute("aria-label"))
                .toList();
    }

    @Test
    void theTabShowsEachReplicaWhileTheBuildWaitsAndIsKeptWithIt() throws Exception {
        // Given
        WorkflowRun run = waiting();

        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            // When
            HtmlPage during = client.getPage(run, "cvmfs");
            boolean asksAgain = ((DomElement) during.querySelector(".cvmfs-steps__content"))
                    .getAttribute("data-running")
                    .equals("true");
            finish(run);
            jenkins.jenkins.reload();
            WorkflowRun loaded = jenkins.jenkins
                    .getItemByFullName(run.getParent().getFullName(), WorkflowJob.class)
                    .getBuildByNumber(run.getNumber());
            HtmlPage afterwards = client.getPage(loaded, "cvmfs");

            // Then
            assertThat(asksAgain).isTrue();
            assertThat(during.asNormalizedText())
                    .contains("Announce revision 1 of sw.example.org", "announced")
                    .contains("Wait for revision 2 or newer of sw.example.org", "waiting")
                    .contains("1 of 2 have it, 2 needed", "connected to the notification server")
                    .contains("site-b");
            assertThat(labels(during)).hasSize(2);
            assertThat(labels(during).get(0)).startsWith("site-a: announced").contains("readable after");
            assertThat(labels(during).get(1)).endsWith("not readable yet");
            assertThat(loaded).isNotSameAs(run);
            assertThat(page(loaded).getRunning()).isEmpty();
            assertThat(afterwards.asNormalizedText()).contains("reached", "2 of 2 have it, 2 needed");
            assertThat(labels(afterwards)).hasSize(2).allMatch(label -> label.contains("readable after"));
        }
    }

    @Test
    void aWaitThatFailsTimesOutOrIsAbortedSaysSo() throws Exception {
        // Given
        String wait = "waitForCvmfsRevision repository: 'sw.example.org', revision: 99";

        // When
        WorkflowRun late = jenkins.buildAndAssertStatus(Result.FAILURE, job(wait + ", timeout: 1, unit: 'SECONDS'"));
        WorkflowRun aborted = start(wait);
        await().atMost(Duration.ofMinutes(1))
                .until(() ->
                        page(aborted) != null && !page(aborted).getRunning().isEmpty());
        aborted.doStop();
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(aborted));
        CvmfsNotifyConfiguration.get().setRepositories(List.of());
        WorkflowRun failed = jenkins.buildAndAssertStatus(
                Result.FAILURE,
                job("node { writeFile file: 'x', text: 'no manifest'\n" + "cvmfsPublishNotify manifestFile: 'x' }"));

        // Then
        assertThat(page(late).getWaits()).extracting(WaitRecord::getState).containsExactly(State.TIMED_OUT);
        await().atMost(Duration.ofMinutes(1))
                .until(() -> page(aborted).getRunning().isEmpty());
        assertThat(page(aborted).getWaits()).extracting(WaitRecord::getState).containsExactly(State.ABORTED);
        assertThat(page(failed).getAnnouncements()).singleElement().satisfies(announcement -> {
            assertThat(announcement.getState()).isEqualTo(State.FAILED);
            assertThat(announcement.getDetail()).contains("manifest");
        });
    }

    /** Pipeline stops no step of a build that is killed, or whose program cannot be saved. */
    @Test
    void theWaitOfABuildThatIsKilledEndsWithIt() throws Exception {
        // Given
        WorkflowRun run = waiting();

        // When
        run.doKill();
        jenkins.waitForCompletion(run);

        // Then
        await().atMost(Duration.ofMinutes(1)).until(() -> site.subscribers() == 0);
        assertThat(page(run).getRunning()).isEmpty();
        assertThat(page(run).getWaits()).extracting(WaitRecord::getState).containsExactly(State.ABORTED);
    }

    /** The wait hears of it later, or only of a newer one. */
    @Test
    void aWaitShowsWhenItsOwnRevisionWasAnnounced() throws Exception {
        // Given
        WorkflowRun run = start("cvmfsPublishNotify repository: 'sw.example.org'\nwaitForCvmfsRevision()");
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));

        // When
        CvmfsBuildAction page = page(run);

        // Then
        Date announced = page.getAnnouncements().get(0).getAnnouncedAt();
        assertThat(page.announcedAt(page.getWaits().get(0))).isEqualTo(announced);
        assertThat(page.getWaits().get(0).getAnnouncedAt()).isNotEqualTo(announced);
    }

    @Test
    void theBuildHistoryHasABadgeWhileTheBuildWaits() throws Exception {
        // Given
        WorkflowRun run = waiting();

        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            // When
            String history = run.getParent().getUrl() + "buildHistory/ajax";
            String during = client.goTo(history).getWebResponse().getContentAsString();
            finish(run);
            String afterwards = client.goTo(history).getWebResponse().getContentAsString();

            // Then
            String badge = "Wait for revision 2 or newer of sw.example.org";
            assertThat(during).contains(badge);
            assertThat(afterwards).doesNotContain(badge);
        }
    }

    @Test
    void theRemoteApiTellsTheSame() throws Exception {
        // Given
        WorkflowRun run = waiting();
        finish(run);

        // When
        JSONObject build = jenkins.getJSON(run.getUrl() + "cvmfs/api/json").getJSONObject();
        JSONObject job =
                jenkins.getJSON(run.getParent().getUrl() + "cvmfs/api/json").getJSONObject();

        // Then
        JSONObject announced = build.getJSONArray("announcements").getJSONObject(0);
        assertThat(announced.getInt("revision")).isEqualTo(1);
        assertThat(announced.getString("rootHash")).isNotEqualTo(site.rootHash());
        JSONObject wait = build.getJSONArray("waits").getJSONObject(0);
        assertThat(wait.getString("state")).isEqualTo("DONE");
        assertThat(wait.getInt("counted")).isEqualTo(2);
        assertThat(wait.getJSONArray("replicas").getJSONObject(1).getString("name"))
                .isEqualTo("site-b");
        assertThat(wait.getJSONArray("replicas").getJSONObject(1).getLong("latencyMillis"))
                .isNotNegative();
        assertThat(job.getJSONArray("replicas").size()).isEqualTo(2);
        assertThat(job.getJSONArray("replicas").getJSONObject(0).getString("replica"))
                .isEqualTo("site-a");
    }

    @Test
    void theJobsPageHasMedianAndWorstOfItsLastBuilds() throws Exception {
        // Given
        WorkflowJob job = job(ANNOUNCE_AND_WAIT);
        for (int count = 0; count < 3; count++) {
            site.publish();
            WorkflowRun run = job.scheduleBuild2(0).waitForStart();
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> page(run) != null && page(run).getWaits().size() == 1);
            site.replicateEverywhere();
            site.announce(site.manifest());
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        }

        // When
        List<CvmfsJobAction.Propagation> rows =
                job.getAction(CvmfsJobAction.class).getReplicas();
        String text;
        List<String> charts;
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            HtmlPage page = client.getPage(job);
            text = page.asNormalizedText();
            charts = page.querySelectorAll("svg.cvmfs-chart__bars").stream()
                    .map(svg -> ((DomElement) svg).getAttribute("aria-label"))
                    .toList();
        }
        JSONObject told =
                jenkins.getJSON(job.getUrl() + "cvmfs/api/json").getJSONObject();

        // Then
        assertThat(rows).extracting(CvmfsJobAction.Propagation::getReplica).containsExactly("site-a", "site-b");
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.getSamples()).hasSize(3);
            assertThat(row.getCount()).isEqualTo(3);
            assertThat(row.getMedianMillis()).isBetween(0L, row.getWorstMillis());
        });
        assertThat(text).contains("CVMFS propagation", "in the last 30 builds", "site-b");
        assertThat(charts).hasSize(2).allMatch(label -> label.contains("median") && label.contains("worst"));
        assertThat(told.getJSONArray("replicas").getJSONObject(0).getJSONArray("samples").size())
                .isEqualTo(3);
        assertThat(job("echo 'no wait'").getAction(CvmfsJobAction.class)).isNull();
    }

    @Test
    void onlyWhoMayReadTheJobSeesThePages() throws Exception {
        // Given
        WorkflowRun run = waiting();
        finish(run);
        jenkins.jenkins.setSecurityRealm(jenkins.createDummySecurityRealm());
        jenkins.jenkins.setAuthorizationStrategy(new MockAuthorizationStrategy()
                .grant(Jenkins.READ)
                .everywhere()
                .to("stranger")
                .grant(Jenkins.READ, Item.READ)
                .everywhere()
                .to("reader"));

        try (JenkinsRule.WebClient client = jenkins.createWebClient().withThrowExceptionOnFailingStatusCode(false)) {
            for (String page : List.of("cvmfs/", "cvmfs/content", "cvmfs/api/json")) {
                // When
                int stranger = client.login("stranger")
                        .goTo(run.getUrl() + page, null)
                        .getWebResponse()
                        .getStatusCode();
                int reader = client.login("reader")
                        .goTo(run.getUrl() + page, null)
                        .getWebResponse()
                        .getStatusCode();

                // Then
                assertThat(stranger).as(page).isEqualTo(404);
                assertThat(reader).as(page).isEqualTo(200);
            }
        }
    }

    @Test
    void whatAReplicaIsCalledIsNotMarkup() throws Exception {
        // Given
        String name = "<b>a</b>&";
        CvmfsNotifyConfiguration.get()
                .getRepositories()
                .get(0)
                .setReplicas(List.of(new ReplicaEntry(name, site.url("site-a"))));

        // When
        WorkflowRun run = start("waitForCvmfsRevision repository: 'sw.example.org', revision: 2, timeout: 5");
        await().atMost(Duration.ofMinutes(1))
                .until(() -> page(run) != null && !page(run).getWaits().isEmpty());

        // Then
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            for (String page : List.of("cvmfs", "cvmfs/content", "")) {
                assertThat(client.getPage(run, page).getWebResponse().getContentAsString())
                        .as(page)
                        .contains("&lt;b")
                        .doesNotContain("<b>a</b>");
            }
        }
        publish("site-a");
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            assertThat(client.getPage(run.getParent()).getWebResponse().getContentAsString())
                    .contains("&lt;b")
                    .doesNotContain("<b>a</b>");
        }
    }

    @Test
    void viewsOfThePipelineNameTheStepAfterWhatItWaitsFor() throws Exception {
        // When
        WorkflowRun run = jenkins.buildAndAssertSuccess(
                job("waitForCvmfsRevision repository: 'sw.example.org', revision: 1, timeout: 5"));

        // Then
        assertThat(new DepthFirstScanner().allNodes(run.getExecution()))
                .extracting(FlowNode::getDisplayName)
                .contains("Wait for revision 1 or newer of sw.example.org");
    }

    @Test
    void theNewBuildPageHasATabAndACard() throws Exception {
        // Given
        WorkflowRun run = waiting();
        finish(run);
        jenkins.jenkins.setSecurityRealm(jenkins.createDummySecurityRealm());
        User user = User.getById("alice", true);
        user.addProperty(
                new UserExperimentalFlagsProperty(Map.of("new-build-page.flag", "true", "new-job-page.flag", "true")));

        try (JenkinsRule.WebClient client = jenkins.createWebClient().login("alice")) {
            // When
            HtmlPage overview = client.getPage(run);
            HtmlPage tab = client.getPage(run, "cvmfs");
            HtmlPage jobPage = client.getPage(run.getParent());

            // Then
            assertThat(overview.querySelectorAll(".cvmfs-list")).hasSize(1);
            assertThat(((DomElement) overview.querySelector(".app-build-tabs")).asNormalizedText())
                    .contains("CVMFS");
            assertThat(labels(tab)).hasSize(2);
            assertThat(jobPage.asNormalizedText()).contains("CVMFS propagation");
        }
    }

    @Test
    void aBuildKeepsABoundedNumberOfSteps() throws Exception {
        // When
        WorkflowRun run = jenkins.buildAndAssertSuccess(job("for (int i = 0; i < 105; i++) {"
                + " waitForCvmfsRevision repository: 'sw.example.org', revision: 1, timeout: 5 }"));

        // Then
        assertThat(page(run).getSteps()).hasSize(100);
        assertThat(page(run).isIncomplete()).isTrue();
        assertThat(Files.readString(Path.of(run.getRootDir().getPath(), "build.xml")))
                .contains(WaitRecord.class.getName());
    }
}
