package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.FilePath;
import hudson.model.Label;
import hudson.model.Result;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import java.io.ByteArrayInputStream;
import java.util.Base64;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.cps.CpsFlowExecution;
import org.jenkinsci.plugins.workflow.graph.FlowNode;
import org.jenkinsci.plugins.workflow.graphanalysis.DepthFirstScanner;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.support.actions.PauseAction;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

class PipelineStepsTest extends PipelineFixture {

    @Test
    void aSandboxedPipelineAnnouncesAndWaitsUntilAllReplicasHaveTheRevision() throws Exception {
        // Given
        site.publish();
        WorkflowRun run = start("""
                def rev = cvmfsPublishNotify repository: 'sw.example.org'
                echo "announced ${rev.repository} ${rev.revision} ${rev.rootHash} ${rev.publishedAt} ${rev.server}"
                def got = waitForCvmfsRevision repository: rev.repository, revision: rev.revision,
                    replicas: ['site-a', 'site-b'], require: 'all', timeout: 5, unit: 'MINUTES'
                echo "got ${got.reached} ${got.repository} ${got.revision} ${got.rootHash == rev.rootHash} ${got.waitedMillis >= 0}"
                for (r in got.replicas) {
                    echo "${r.name} ${r.url} ${r.revision} ${r.availableAt != null} ${r.latencyMillis} ${r.error}"
                }
                """);
        awaitLog("announced sw.example.org 2 ", run);
        awaitLog("site-b", run);
        FlowNode waiting =
                new DepthFirstScanner().findFirstMatch(run.getExecution(), node -> PauseAction.isPaused(node));
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
    void theBuildsPageShowsWhatEachReplicaLacksAsLongAsItWaits() throws Exception {
        // Given
        WorkflowRun run = start("waitForCvmfsRevision repository: 'sw.example.org', revision: 2");
        awaitLog("site-b", run);
        site.publish();
        site.replicate("site-a");
        site.announce(site.manifest());
        awaitLog("site-a has revision 2", run);

        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            // When
            String waiting = client.getPage(run).asNormalizedText();
            site.replicate("site-b");
            site.announce(site.manifest());
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));

            // Then
            assertThat(waiting).contains("site-a serves revision 2").contains("site-b serves revision 1");
            assertThat(client.getPage(run).asNormalizedText()).doesNotContain("site-b");
        }
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
                        waitForCvmfsRevision repository: 'sw.example.org', after: 0, require: 2, timeout: 5
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
    void aDeclarativePipelineWaitsForWhatItAnnouncedWithoutAnyArgument() throws Exception {
        // Given
        site.publish();
        WorkflowRun run = start("""
                pipeline {
                  agent none
                  stages {
                    stage('Announce') { steps { cvmfsPublishNotify repository: 'sw.example.org' } }
                    stage('Wait') { steps { waitForCvmfsRevision() } }
                    stage('Again') { steps { waitForCvmfsRevision repository: 'sw.example.org', timeout: '5m' } }
                  }
                }
                """);
        awaitLog("site-b serves revision 1", run);

        // When
        site.replicateEverywhere();
        site.announce(site.manifest());

        // Then
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        jenkins.assertLogContains("waiting for what this build announced: sw.example.org revision 2", run);
    }

    @Test
    void aWaitWithoutArgumentsBeforeAnyAnnouncementFailsWithAPlainMessage() throws Exception {
        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(Result.FAILURE, job("waitForCvmfsRevision()"));

        // Then
        jenkins.assertLogContains(
                "ERROR: waitForCvmfsRevision: this build has not announced a revision yet: call cvmfsPublishNotify", run);
    }

    @Test
    void anAnnouncementInAnotherBranchIsWaitedFor() throws Exception {
        // When
        WorkflowRun run = jenkins.buildAndAssertSuccess(job("""
                parallel publish: { cvmfsPublishNotify repository: 'sw.example.org' }, other: { echo 'builds' }
                parallel here: { def got = waitForCvmfsRevision()
                                 echo "got ${got.repository} ${got.revision} of ${got.all.size()}" },
                         there: { waitForCvmfsRevision require: 'any' }
                """));

        // Then
        jenkins.assertLogContains("got sw.example.org 1 of 1", run);
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
    void aTimeoutFailsTheBuildOrMarksItUnstableOrLetsItContinue() throws Exception {
        // Given
        String wait = "waitForCvmfsRevision repository: 'sw.example.org', revision: 99, timeout: 1, unit: 'SECONDS'";

        // When
        WorkflowRun fails = jenkins.buildAndAssertStatus(Result.FAILURE, job(wait));
        WorkflowRun marks =
                jenkins.buildAndAssertStatus(Result.UNSTABLE, job(wait + ", onTimeout: 'unstable'\necho 'went on'"));
        WorkflowRun passes = jenkins.buildAndAssertSuccess(
                job("def got = " + wait + ", onTimeout: 'continue'\necho \"got ${got.reached}\""));

        // Then
        jenkins.assertLogContains("timed out waiting for revision 99", fails);
        jenkins.assertLogContains("went on", marks);
        jenkins.assertLogContains("got false", passes);
    }

    @Test
    void anAbortedWaitEndsAtOnce() throws Exception {
        // Given
        WorkflowRun run = start("waitForCvmfsRevision repository: 'sw.example.org', revision: 99");
        awaitLog("waiting for revision 99", run);

        // When
        String threads = ((CpsFlowExecution) run.getExecution()).getThreadDump().toString();
        run.doStop();

        // Then
        assertThat(threads).contains("waiting for revision 99 or newer of sw.example.org").contains("site-a");
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
    }

    @Test
    void whatIsNotConfiguredAndUrlsAreRefused() throws Exception {
        // When
        WorkflowRun unknown =
                jenkins.buildAndAssertStatus(Result.FAILURE, job("cvmfsPublishNotify repository: 'other.example.org'"));
        WorkflowRun url = jenkins.buildAndAssertStatus(
                Result.FAILURE, job("cvmfsPublishNotify repositoryUrl: '" + site.url("zero") + "'"));

        // Then
        jenkins.assertLogContains("no repository 'other.example.org' is configured", unknown);
        jenkins.assertLogContains("URLs in pipelines are not allowed", url);
    }

    @Test
    void aMissingRepositoryFailsTheStepWithAPlainMessage() throws Exception {
        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(Result.FAILURE, job("waitForCvmfsRevision revision: 1"));

        // Then
        jenkins.assertLogContains("ERROR: waitForCvmfsRevision: set repository: to the fully qualified name", run);
        jenkins.assertLogNotContains("NullPointerException", run);
    }

    @Test
    void anUnknownUnitFailsTheStepWithAPlainMessage() throws Exception {
        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(
                Result.FAILURE,
                job("waitForCvmfsRevision repository: 'sw.example.org', revision: 1, timeout: 1, unit: 'FORTNIGHTS'"));

        // Then
        jenkins.assertLogContains(
                "ERROR: waitForCvmfsRevision: unit is 'FORTNIGHTS', must be SECONDS, MINUTES, HOURS or DAYS", run);
        jenkins.assertLogNotContains("IllegalArgumentException", run);
    }

    @Test
    void theUnitMayBeATimeUnitOfJava() throws Exception {
        // Given
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(
                "waitForCvmfsRevision repository: 'sw.example.org', revision: 1, timeout: 1,"
                        + " unit: java.util.concurrent.TimeUnit.HOURS",
                false));

        // When, Then
        jenkins.buildAndAssertSuccess(job);
    }

    @Test
    void aRootHashWithItsRevisionIsReachedByReplicasThatArePastIt() throws Exception {
        // Given
        String hash = site.rootHash();
        site.publish();
        site.replicateEverywhere();

        // When
        WorkflowRun run = jenkins.buildAndAssertSuccess(job("""
                def got = waitForCvmfsRevision repository: 'sw.example.org', rootHash: '%s', revision: 1, timeout: 5
                echo "reached ${got.reached} ${got.revision}"
                """.formatted(hash)));

        // Then
        jenkins.assertLogContains("reached true 2", run);
    }

    @Test
    void aManifestOnAnAgentIsAnnounced() throws Exception {
        // Given
        jenkins.createOnlineSlave(Label.get("publisher"));
        String manifest = Base64.getEncoder().encodeToString(site.manifest());

        // When
        WorkflowRun run = jenkins.buildAndAssertSuccess(job("""
                node('publisher') {
                  writeFile file: 'out/.cvmfspublished', text: '%s', encoding: 'Base64'
                  def rev = cvmfsPublishNotify manifestFile: 'out/.cvmfspublished'
                  echo "announced ${rev.revision}"
                }
                """.formatted(manifest)));

        // Then
        jenkins.assertLogContains("announced 1", run);
    }

    @Test
    void anAnnouncementIsAbortedWhileTheProxyIsDown() throws Exception {
        // Given
        site.stopProxy();
        WorkflowRun run = start("cvmfsPublishNotify repository: 'sw.example.org'");
        awaitLog("cannot announce at main yet: ", run);

        // When
        run.doStop();

        // Then
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
    }

    @Test
    void aManifestInTheWorkspaceIsAnnounced() throws Exception {
        // Given
        WorkflowJob job = job("node { echo pwd()\n def rev = cvmfsPublishNotify manifestFile: '.cvmfspublished'\n"
                + " echo \"announced ${rev.revision}\" }");
        FilePath workspace = jenkins.jenkins.getWorkspaceFor(job);
        workspace.child(".cvmfspublished").copyFrom(new ByteArrayInputStream(site.manifest()));

        // When
        WorkflowRun run = jenkins.buildAndAssertSuccess(job);

        // Then
        jenkins.assertLogContains("announced 1", run);
    }

    @Test
    void anAnnouncementIsTriedUntilTheProxyIsReachable() throws Exception {
        // Given
        site.stopProxy();
        WorkflowRun run = start("cvmfsPublishNotify repository: 'sw.example.org'");
        awaitLog("verified: signed by", run);

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
        jenkins.jenkins.getWorkspaceFor(job).child("forged").copyFrom(new ByteArrayInputStream(forged));

        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(Result.FAILURE, job);

        // Then
        jenkins.assertLogContains("the manifest is not announced", run);
    }

    @Test
    void aPipelineCannotSwitchVerificationOffUnlessAnAdministratorAllowsIt() throws Exception {
        // Given
        String script = "cvmfsPublishNotify repository: 'sw.example.org', verify: false";

        // When
        WorkflowRun refused = jenkins.buildAndAssertStatus(Result.FAILURE, job(script));
        CvmfsNotifyConfiguration.get().getRepositories().forEach(repository -> repository.setAllowUnverified(true));
        WorkflowRun allowed = jenkins.buildAndAssertSuccess(job(script));

        // Then
        jenkins.assertLogContains("verify: false is not allowed for sw.example.org", refused);
        jenkins.assertLogContains("not verified: verify is false", allowed);
    }

    @Test
    void aManifestOfARepositoryThatIsNotConfiguredIsNotAnnounced() throws Exception {
        // Given
        CvmfsNotifyConfiguration.get().setRepositories(List.of());
        WorkflowJob job = job("node { cvmfsPublishNotify manifestFile: '.cvmfspublished' }");
        jenkins.jenkins
                .getWorkspaceFor(job)
                .child(".cvmfspublished")
                .copyFrom(new ByteArrayInputStream(site.manifest()));

        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(Result.FAILURE, job);

        // Then
        jenkins.assertLogContains("repository sw.example.org is not configured", run);
    }
}
