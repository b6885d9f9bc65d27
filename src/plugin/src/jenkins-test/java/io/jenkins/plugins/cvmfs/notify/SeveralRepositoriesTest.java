package io.jenkins.plugins.cvmfs.notify;

import hudson.model.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;

/** A build that announces several repositories waits for all of them in one step. */
class SeveralRepositoriesTest extends PipelineFixture {

    private static final String OTHER = "conditions.example.org";
    private static final String ANNOUNCE = "cvmfsPublishNotify repository: 'sw.example.org'\n"
            + "cvmfsPublishNotify repository: 'conditions.example.org'\n";

    @Override
    Site site(Path empty) throws IOException {
        return new Site(empty, List.of("site-a"), List.of(Site.REPOSITORY, OTHER));
    }

    @Test
    void allOfThemAreWaitedFor() throws Exception {
        // Given
        site.publish(Site.REPOSITORY);
        site.publish(OTHER);
        WorkflowRun run = start(ANNOUNCE + """
                def got = waitForCvmfsRevision()
                for (one in got.all) { echo "got ${one.repository} ${one.revision}" }
                echo "reached ${got.reached} ${got.repository}"
                """);
        awaitLog("sw.example.org: site-a serves revision 1", run);
        awaitLog("conditions.example.org: site-a serves revision 1", run);

        // When
        site.replicate("site-a");
        awaitLog("sw.example.org: 1 of 1 replicas have revision 2 or newer", run);
        jenkins.assertLogNotContains("conditions.example.org: 1 of 1 replicas", run);
        jenkins.assertLogNotContains("got", run);
        site.replicate(OTHER, "site-a");

        // Then
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        jenkins.assertLogContains(
                "waiting for what this build announced: sw.example.org revision 2, conditions.example.org revision 2",
                run);
        jenkins.assertLogContains("got sw.example.org 2", run);
        jenkins.assertLogContains("got conditions.example.org 2", run);
        jenkins.assertLogContains("reached true conditions.example.org", run);
    }

    @Test
    void oneThatIsLateFailsTheStep() throws Exception {
        // Given
        site.publish(OTHER);

        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(
                Result.FAILURE, job(ANNOUNCE + "waitForCvmfsRevision timeout: '3s'"));

        // Then
        jenkins.assertLogContains("timed out waiting for revision 2 or newer of conditions.example.org", run);
    }
}
