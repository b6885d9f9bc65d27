package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.connection.NothingLeftOpen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/** Announcements as a network brings them: too early, twice, out of order, to several builds. */
class AnnouncementsTest extends PipelineFixture {

    private static final String WAIT = "def got = waitForCvmfsRevision repository: 'sw.example.org', revision: 2\n"
            + "echo \"got ${got.revision}\"";

    @Test
    void twoBuildsThatWaitForOneRepositoryShareOneConnection() throws Exception {
        // Given
        List<WorkflowRun> runs = List.of(start(WAIT), start(WAIT));
        for (WorkflowRun run : runs) {
            awaitLog("connected to the notification server", run);
        }
        assertThat(NothingLeftOpen.servers()).isEqualTo(1);
        await().atMost(Duration.ofMinutes(1)).until(() -> site.subscribers() == 1);

        // When
        site.publish();
        site.announce(site.manifest());
        for (WorkflowRun run : runs) {
            awaitLog("announced: revision 2", run);
        }
        site.replicateEverywhere();
        site.announce(site.manifest());

        // Then
        for (WorkflowRun run : runs) {
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            jenkins.assertLogContains("got 2", run);
        }
    }

    @Test
    void anAbortedBuildDoesNotAffectAnotherThatWaitsForTheSame() throws Exception {
        // Given
        WorkflowRun aborted = start(WAIT);
        WorkflowRun stays = start(WAIT);
        awaitLog("connected to the notification server", aborted);
        awaitLog("connected to the notification server", stays);

        // When
        aborted.doStop();
        jenkins.waitForCompletion(aborted);
        site.publish();
        site.announce(site.manifest());
        awaitLog("announced: revision 2", stays);
        site.replicateEverywhere();
        site.announce(site.manifest());

        // Then
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(stays));
        jenkins.assertLogNotContains("announced: revision 2", aborted);
    }

    @Test
    void anAnnouncementBeforeTheWaitCounts() throws Exception {
        // Given
        site.publish();
        site.announce(site.manifest());

        // When
        WorkflowRun run = start(WAIT);
        awaitLog("announced: revision 2", run);
        site.replicateEverywhere();
        site.announce(site.manifest());

        // Then
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
    }

    @Test
    void whatIsThereBeforeTheWaitEndsItAtOnce() throws Exception {
        // Given
        site.publish();
        site.replicateEverywhere();
        site.announce(site.manifest());

        // When, Then
        jenkins.assertLogContains("got 2", jenkins.buildAndAssertSuccess(job(WAIT)));
    }

    @Test
    void announcementsThatComeTwiceAndInTheWrongOrderEndTheWaitOnce() throws Exception {
        // Given
        List<byte[]> manifests = new ArrayList<>();
        for (int revision = 2; revision <= 4; revision++) {
            site.publish();
            manifests.add(site.manifest());
        }
        WorkflowRun run = start("def got = waitForCvmfsRevision repository: 'sw.example.org', revision: 3\n"
                + "echo \"got ${got.revision}\"");
        awaitLog("site-b", run);

        // When
        for (int index : List.of(2, 0, 0, 1, 2, 2)) {
            site.announce(manifests.get(index));
        }
        awaitLog("announced: revision 4", run);
        site.replicate("site-a");
        site.announce(manifests.get(0));
        awaitLog("site-a has revision 4", run);
        jenkins.assertLogNotContains("got", run);
        site.replicate("site-b");
        site.announce(manifests.get(1));

        // Then
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        assertThat(JenkinsRule.getLog(run)).containsOnlyOnce("got 4");
    }
}
