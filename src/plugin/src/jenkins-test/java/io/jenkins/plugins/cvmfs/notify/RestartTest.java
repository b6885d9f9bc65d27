package io.jenkins.plugins.cvmfs.notify;

import static org.awaitility.Awaitility.await;

import hudson.model.Result;
import java.nio.file.Path;
import java.time.Duration;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.JenkinsSessionExtension;

class RestartTest {

    @RegisterExtension
    private final JenkinsSessionExtension sessions = new JenkinsSessionExtension();

    @TempDir
    private Path folder;

    private Site site;

    @BeforeEach
    void open() throws Exception {
        site = new Site(folder.toRealPath());
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    private static void start(JenkinsRule jenkins, String script, String untilLogged) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class, "job");
        job.setDefinition(new CpsFlowDefinition(script, true));
        WorkflowRun run = job.scheduleBuild2(0).waitForStart();
        await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> jenkins.assertLogContains(untilLogged, run));
    }

    private static WorkflowRun resumed(JenkinsRule jenkins) {
        return jenkins.jenkins.getItemByFullName("job", WorkflowJob.class).getBuildByNumber(1);
    }

    @Test
    void aRevisionThatComesWhileJenkinsIsDownIsSeenAfterTheRestart() throws Throwable {
        // Given
        sessions.then(jenkins -> {
            site.configure();
            start(
                    jenkins,
                    "def got = waitForCvmfsRevision repository: 'sw.example.org', revision: 2\necho \"got ${got.revision}\"",
                    "site-b");
        });

        // When
        site.publish();
        site.replicate("site-a");
        site.replicate("site-b");

        // Then
        sessions.then(jenkins -> {
            WorkflowRun run = resumed(jenkins);
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            jenkins.assertLogContains("got 2", run);
        });
    }

    @Test
    void aWaitGoesOnAfterARestart() throws Throwable {
        // Given
        sessions.then(jenkins -> {
            site.configure();
            start(jenkins, "waitForCvmfsRevision repository: 'sw.example.org', revision: 2", "site-b");
        });

        // When, Then
        sessions.then(jenkins -> {
            WorkflowRun run = resumed(jenkins);
            site.publish();
            site.replicate("site-a");
            site.replicate("site-b");
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        });
    }

    @Test
    void aWaitCanBeAbortedAfterARestart() throws Throwable {
        // Given
        sessions.then(jenkins -> {
            site.configure();
            start(jenkins, "waitForCvmfsRevision repository: 'sw.example.org', revision: 2", "site-b");
        });

        // When, Then
        sessions.then(jenkins -> {
            WorkflowRun run = resumed(jenkins);
            await().atMost(Duration.ofMinutes(1)).until(() -> run.getExecutor() != null);
            run.getExecutor().interrupt();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
        });
    }

    @Test
    void aDeadlineThatPassesWhileJenkinsIsDownStillCounts() throws Throwable {
        // Given
        sessions.then(jenkins -> {
            site.configure();
            start(
                    jenkins,
                    "waitForCvmfsRevision repository: 'sw.example.org', revision: 2, timeout: 1, unit: 'SECONDS'",
                    "waiting for revision 2");
        });

        // When, Then
        sessions.then(jenkins -> {
            WorkflowRun run = resumed(jenkins);
            jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(run));
            jenkins.assertLogContains("was not reached in time", run);
        });
    }

    @Test
    void anAnnouncementInTheMiddleIsMadeAfterTheRestart() throws Throwable {
        // Given
        site.stopProxy();
        sessions.then(jenkins -> {
            site.configure();
            start(
                    jenkins,
                    "def rev = cvmfsPublishNotify repository: 'sw.example.org'\necho \"announced ${rev.revision}\"",
                    "verified: signed by");
        });

        // When
        site.startProxy();

        // Then
        sessions.then(jenkins -> {
            WorkflowRun run = resumed(jenkins);
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            jenkins.assertLogContains("announced 1", run);
        });
    }
}
