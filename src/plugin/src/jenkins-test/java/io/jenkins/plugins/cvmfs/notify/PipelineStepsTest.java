package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import hudson.FilePath;
import hudson.model.Result;
import java.nio.file.Path;
import java.time.Duration;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.graph.FlowNode;
import org.jenkinsci.plugins.workflow.graphanalysis.DepthFirstScanner;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.support.actions.PauseAction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.WithJenkins;

@WithJenkins
class PipelineStepsTest {

    @TempDir
    private Path folder;

    private JenkinsRule jenkins;
    private Site site;

    @BeforeEach
    void configure(JenkinsRule rule) throws Exception {
        jenkins = rule;
        site = new Site(folder.toRealPath());
        site.configure();
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    private WorkflowJob job(String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job;
    }

    private static void awaitLog(JenkinsRule rule, String text, WorkflowRun run) {
        await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> rule.assertLogContains(text, run));
    }

    @Test
    void aSandboxedPipelineAnnouncesAndWaitsUntilAllReplicasHaveTheRevision() throws Exception {
        // Given
        site.publish();
        WorkflowRun run = job("""
                def rev = cvmfsPublishNotify repository: 'sw.example.org'
                echo "announced ${rev.repository} ${rev.revision} ${rev.rootHash} ${rev.publishedAt} ${rev.server}"
                def got = waitForCvmfsRevision repository: rev.repository, revision: rev.revision,
                    replicas: ['site-a', 'site-b'], require: 'all', timeout: 5, unit: 'MINUTES'
                echo "got ${got.reached} ${got.repository} ${got.revision} ${got.rootHash == rev.rootHash} ${got.waitedMillis >= 0}"
                for (r in got.replicas) {
                    echo "${r.name} ${r.url} ${r.revision} ${r.availableAt != null} ${r.latencyMillis} ${r.error}"
                }
                """).scheduleBuild2(0).waitForStart();
        awaitLog(jenkins, "announced sw.example.org 2 ", run);
        awaitLog(jenkins, "site-b", run);
        FlowNode waiting = new DepthFirstScanner()
                .findFirstMatch(run.getExecution(), node -> PauseAction.isPaused(node));
        assertThat(waiting).isNotNull();

        // When
        site.replicate("site-a");
        site.replicate("site-b");

        // Then
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        jenkins.assertLogContains("verified: signed by", run);
        jenkins.assertLogContains("got true sw.example.org 2 true true", run);
        jenkins.assertLogContains("site-b " + site.url("site-b") + " 2 true ", run);
        assertThat(PauseAction.isPaused(waiting)).isFalse();
    }

    @Test
    void aDeclarativePipelineUsesBothSteps() throws Exception {
        // Given
        WorkflowJob job = job("""
                pipeline {
                  agent none
                  stages {
                    stage('Announce') { steps { cvmfsPublishNotify repository: 'sw.example.org', server: 'main' } }
                    stage('Wait') {
                      steps {
                        waitForCvmfsRevision repository: 'sw.example.org', revision: 1, require: 'majority', timeout: 5
                      }
                    }
                    stage('Use') { steps { echo 'used' } }
                  }
                }
                """);

        // When
        WorkflowRun run = jenkins.buildAndAssertSuccess(job);

        // Then
        jenkins.assertLogContains("used", run);
    }

    @Test
    void theRequirementMayBeANumber() throws Exception {
        // Given
        site.publish();
        site.replicate("site-a");

        // When
        WorkflowRun run = jenkins.buildAndAssertSuccess(job("""
                def got = waitForCvmfsRevision repository: 'sw.example.org', after: 1, require: 1, timeout: 5
                echo "reached ${got.reached} ${got.revision}"
                """));

        // Then
        jenkins.assertLogContains("reached true 2", run);
    }

    @Test
    void aTimeOutFailsMarksOrPassesAsThePipelineSays() throws Exception {
        // Given
        String wait = "waitForCvmfsRevision repository: 'sw.example.org', revision: 99, timeout: 1, unit: 'SECONDS'";

        // When
        WorkflowRun fails = jenkins.buildAndAssertStatus(Result.FAILURE, job(wait));
        WorkflowRun marks =
                jenkins.buildAndAssertStatus(Result.UNSTABLE, job(wait + ", onTimeout: 'unstable'\necho 'went on'"));
        WorkflowRun passes =
                jenkins.buildAndAssertSuccess(job("def got = " + wait + ", onTimeout: 'continue'\necho \"got ${got.reached}\""));

        // Then
        jenkins.assertLogContains("was not reached in time", fails);
        jenkins.assertLogContains("went on", marks);
        jenkins.assertLogContains("got false", passes);
    }

    @Test
    void anAbortedWaitEndsAtOnce() throws Exception {
        // Given
        WorkflowRun run = job("waitForCvmfsRevision repository: 'sw.example.org', revision: 99")
                .scheduleBuild2(0)
                .waitForStart();
        awaitLog(jenkins, "waiting for revision 99", run);

        // When
        run.doStop();

        // Then
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
    }

    @Test
    void whatIsNotConfiguredAndUrlsAreRefused() throws Exception {
        // When
        WorkflowRun unknown = jenkins.buildAndAssertStatus(
                Result.FAILURE, job("cvmfsPublishNotify repository: 'other.example.org'"));
        WorkflowRun url = jenkins.buildAndAssertStatus(
                Result.FAILURE, job("cvmfsPublishNotify repositoryUrl: '" + site.url("zero") + "'"));

        // Then
        jenkins.assertLogContains("no repository 'other.example.org' is configured", unknown);
        jenkins.assertLogContains("URLs in pipelines are not allowed", url);
    }

    @Test
    void aManifestInTheWorkspaceIsAnnounced() throws Exception {
        // Given
        WorkflowJob job = job("node { echo pwd()\n def rev = cvmfsPublishNotify manifestFile: '.cvmfspublished'\n"
                + " echo \"announced ${rev.revision}\" }");
        FilePath workspace = jenkins.jenkins.getWorkspaceFor(job);
        workspace.child(".cvmfspublished").copyFrom(new java.io.ByteArrayInputStream(site.manifest()));

        // When
        WorkflowRun run = jenkins.buildAndAssertSuccess(job);

        // Then
        jenkins.assertLogContains("announced 1", run);
    }

    @Test
    void anAnnouncementIsTriedUntilTheProxyIsBack() throws Exception {
        // Given
        site.stopProxy();
        WorkflowRun run =
                job("cvmfsPublishNotify repository: 'sw.example.org'").scheduleBuild2(0).waitForStart();
        awaitLog(jenkins, "verified: signed by", run);

        // When
        site.startProxy();

        // Then
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        jenkins.assertLogContains("announced at main", run);
    }

    @Test
    void aForgedManifestIsNotAnnounced() throws Exception {
        // Given
        WorkflowJob job = job("node { cvmfsPublishNotify manifestFile: 'forged' }");
        byte[] forged = site.manifest();
        forged[forged.length - 1] ^= 1;
        jenkins.jenkins.getWorkspaceFor(job).child("forged").copyFrom(new java.io.ByteArrayInputStream(forged));

        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(Result.FAILURE, job);

        // Then
        jenkins.assertLogContains("the manifest is not announced", run);
    }
}
