package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import hudson.model.Label;
import hudson.model.Result;
import hudson.slaves.DumbSlave;
import io.jenkins.plugins.cvmfs.notify.page.CvmfsBuildAction;
import io.jenkins.plugins.cvmfs.notify.page.StepRecord;
import java.time.Duration;
import net.sf.json.JSONObject;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** {@code cvmfsTransaction} with a {@code cvmfs_server} of {@link CvmfsTools}. */
class TransactionTest extends PipelineFixture {

    private CvmfsTools tools;

    @BeforeEach
    void installTools() throws Exception {
        tools = new CvmfsTools(folder.toRealPath().resolve("tools"), site::publish);
        tools.install(jenkins.jenkins);
    }

    @AfterEach
    void removeTools() {
        tools.close();
    }

    private static CvmfsBuildAction page(WorkflowRun run) {
        return run.getAction(CvmfsBuildAction.class);
    }

    private static String transaction(String parameters, String body) {
        return "node('cvmfs-publisher') {\n  def rev = cvmfsTransaction(" + parameters + ") {\n    " + body
                + "\n  }\n  echo \"published ${rev.repository} ${rev.revision} ${rev.server}\"\n}";
    }

    @Test
    void whatTheBodyChangesIsPublishedAndAnnounced() throws Exception {
        // When
        WorkflowRun run = jenkins.buildAndAssertSuccess(job(transaction(
                        "repository: 'sw.example.org', tag: 'v1', message: 'Alice\\'s release'",
                        "sh 'touch /cvmfs/sw.example.org/file'")
                + "\nwaitForCvmfsRevision require: 'any', replicas: ['stratum0']"));

        // Then
        jenkins.assertLogContains("published sw.example.org 2 main", run);
        jenkins.assertLogContains("announced at main", run);
        jenkins.assertLogContains("waiting for what this build announced: sw.example.org revision 2", run);
        assertThat(tools.mounted("sw.example.org/file")).exists();
        assertThat(tools.commands())
                .containsExactly(
                        "transaction sw.example.org", "publish -a v1 -m Alice's release sw.example.org");
        assertThat(tools.inTransaction()).isFalse();
        assertThat(page(run).getTransactions()).extracting(StepRecord::getStateText).containsExactly("done");
        assertThat(page(run).getAnnouncements()).extracting(StepRecord::getStateText).containsExactly("announced");
    }

    @Test
    void aDeclarativePipelineUsesIt() throws Exception {
        // When
        WorkflowRun run = jenkins.buildAndAssertSuccess(job("""
                pipeline {
                  agent { label 'cvmfs-publisher' }
                  stages {
                    stage('Publish') {
                      steps { cvmfsTransaction('sw.example.org') { sh 'touch /cvmfs/sw.example.org/file' } }
                    }
                  }
                }
                """));

        // Then
        jenkins.assertLogContains("announced at main", run);
    }

    @Test
    void aBodyThatFailsAbortsTheTransaction() throws Exception {
        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(
                Result.FAILURE, job(transaction("'sw.example.org'", "error 'the tests failed'")));

        // Then
        jenkins.assertLogContains("ERROR: the tests failed", run);
        jenkins.assertLogContains("the transaction of sw.example.org is aborted", run);
        assertThat(tools.commands()).containsExactly("transaction sw.example.org", "abort -f sw.example.org");
        assertThat(tools.inTransaction()).isFalse();
    }

    @Test
    void aBodyThatTakesTooLongAbortsTheTransaction() throws Exception {
        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(
                Result.ABORTED,
                job(transaction("'sw.example.org'", "timeout(time: 2, unit: 'SECONDS') { sleep 600 }")));

        // Then
        jenkins.assertLogContains("the transaction of sw.example.org is aborted", run);
        assertThat(tools.inTransaction()).isFalse();
    }

    @Test
    void aTimeoutAroundTheStepAbortsTheTransaction() throws Exception {
        // Given
        tools.hold("publish");

        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(
                Result.ABORTED,
                job("timeout(time: 10, unit: 'SECONDS') { " + transaction("'sw.example.org'", "echo 'changes'") + " }"));

        // Then
        jenkins.assertLogContains("the transaction of sw.example.org is aborted", run);
        assertThat(tools.inTransaction()).isFalse();
    }

    @Test
    void aBuildThatIsAbortedInTheBodyAbortsTheTransaction() throws Exception {
        // Given
        WorkflowRun run = start(transaction("'sw.example.org'", "echo 'changes'\nsleep 600"));
        awaitLog("changes", run);

        // When
        run.doStop();

        // Then
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
        assertThat(tools.commands()).containsExactly("transaction sw.example.org", "abort -f sw.example.org");
    }

    @Test
    void aBuildThatIsAbortedWhileItPublishesAbortsTheTransaction() throws Exception {
        // Given
        tools.hold("publish");
        WorkflowRun run = start(transaction("'sw.example.org'", "echo 'changes'"));
        await().until(() -> tools.commands().contains("publish sw.example.org"));

        // When
        run.doStop();

        // Then
        jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
        assertThat(tools.inTransaction()).isFalse();
    }

    @Test
    void aPublishThatFailsAbortsTheTransaction() throws Exception {
        // Given
        tools.fail("publish");

        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(
                Result.FAILURE, job(transaction("'sw.example.org'", "echo 'changes'")));

        // Then
        jenkins.assertLogContains("ERROR: cvmfs_server publish sw.example.org failed with exit status 1", run);
        assertThat(tools.inTransaction()).isFalse();
    }

    @Test
    void aBusyLeaseIsWaitedFor() throws Exception {
        // Given
        tools.busy(true);
        WorkflowRun run = start(transaction("'sw.example.org'", "echo 'changes'"));
        awaitLog("sw.example.org is busy: another publisher has the lease; trying again until", run);

        // When
        tools.busy(false);

        // Then
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        jenkins.assertLogContains("announced at main", run);
    }

    @Test
    void theTabShowsWhatATransactionDoesAndHowItEnded() throws Exception {
        // Given
        tools.busy(true);
        WorkflowRun run = start(transaction("'sw.example.org'", "echo 'changes'\nsleep 600"));
        awaitLog("trying again until", run);

        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            // When
            String busy = client.getPage(run, "cvmfs").asNormalizedText();
            tools.busy(false);
            awaitLog("changes", run);
            String open = client.getPage(run, "cvmfs").asNormalizedText();
            String badge = client.goTo(run.getParent().getUrl() + "buildHistory/ajax")
                    .getWebResponse()
                    .getContentAsString();
            tools.fail("abort");
            run.doStop();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
            String left = client.getPage(run, "cvmfs").asNormalizedText();
            JSONObject told = jenkins.getJSON(run.getUrl() + "cvmfs/api/json").getJSONObject();

            // Then
            assertThat(busy)
                    .contains("Transaction of sw.example.org", "waiting for the lease", "Attempts while busy", "Deadline");
            assertThat(open).contains("body running", "in a transaction of sw.example.org").doesNotContain("Deadline");
            assertThat(badge).contains("Transaction of sw.example.org");
            assertThat(left).contains("may be open", "cvmfs_server abort -f sw.example.org");
            JSONObject transaction = told.getJSONArray("transactions").getJSONObject(0);
            assertThat(transaction.getString("stage")).isEqualTo("ABORTING");
            assertThat(transaction.getString("state")).isEqualTo("FAILED");
            assertThat(transaction.getString("command")).isEqualTo("cvmfs_server abort -f sw.example.org");
        }
    }

    @Test
    void aLeaseThatStaysBusyFailsTheStep() throws Exception {
        // Given
        tools.busy(true);

        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(
                Result.FAILURE, job(transaction("repository: 'sw.example.org', leaseTimeout: '5s'", "echo 'changes'")));

        // Then
        jenkins.assertLogContains("ERROR: gave up after 1 attempts: sw.example.org is busy", run);
        jenkins.assertLogNotContains("changes\n", run);
    }

    @Test
    void aTransactionOfAnotherPublisherIsLeftAlone() throws Exception {
        // Given
        tools.openTransaction();

        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(
                Result.FAILURE, job(transaction("repository: 'sw.example.org', leaseTimeout: '5s'", "echo 'changes'")));

        // Then
        jenkins.assertLogContains("if no publisher is at work there, discard it: cvmfs_server abort -f sw.example.org", run);
        assertThat(tools.inTransaction()).isTrue();
    }

    @Test
    void anAgentThatIsLostIsNamedWithTheCommandToRun() throws Exception {
        // Given
        DumbSlave agent = jenkins.createOnlineSlave(Label.get("other-publisher"));
        WorkflowRun run = start(transaction("'sw.example.org'", "echo 'changes'\nsleep 600")
                .replace("cvmfs-publisher", "other-publisher"));
        awaitLog("changes", run);

        // When
        jenkins.jenkins.removeNode(agent);
        run.doStop();

        // Then
        jenkins.assertBuildStatus(
                Result.ABORTED,
                await().atMost(Duration.ofMinutes(3)).until(() -> run, ended -> !ended.isBuilding()));
        jenkins.assertLogContains(
                "The transaction of sw.example.org on " + agent.getNodeName()
                        + " may still be open; run there: cvmfs_server abort -f sw.example.org",
                run);
    }

    @Test
    void whatIsNotConfiguredFailsBeforeAnythingIsOpened() throws Exception {
        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(
                Result.FAILURE, job(transaction("'other.example.org'", "echo 'changes'")));

        // Then
        jenkins.assertLogContains("ERROR: cvmfsTransaction: no repository 'other.example.org' is configured", run);
        assertThat(tools.commands()).isEmpty();
    }
}
