package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import hudson.model.Label;
import io.jenkins.plugins.cvmfs.notify.connection.NothingLeftOpen;
import io.jenkins.plugins.cvmfs.notify.page.CvmfsBuildAction;
import io.jenkins.plugins.cvmfs.notify.page.WaitRecord;
import java.nio.file.Path;
import java.time.Duration;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.jvnet.hudson.test.junit.jupiter.JenkinsSessionExtension;

/** A wait for agents goes on after a restart, though they reconnect one after the other, some time later: it waits for all of them. */
@Tag("project")
@ExtendWith(NothingLeftOpen.class)
class AgentsRestartTest {

    @RegisterExtension
    private final JenkinsSessionExtension sessions = new JenkinsSessionExtension();

    @TempDir
    private Path folder;

    private static String detail(WorkflowRun run) {
        CvmfsBuildAction action = run.getAction(CvmfsBuildAction.class);
        return action == null || action.getWaits().isEmpty()
                ? ""
                : action.getWaits().get(0).getDetail();
    }

    private static void awaitDetail(WorkflowRun run, String text) {
        await().atMost(Duration.ofMinutes(2)).until(() -> detail(run).contains(text));
    }

    @Test
    void agentsThatReconnectLaterAreStillWaitedFor() throws Throwable {
        try (Site site = new Site(folder.toRealPath());
                AgentMount mount = new AgentMount(folder.toRealPath().resolve("mounts"))) {
            // Given
            mount.serve(1);
            sessions.then(jenkins -> {
                site.configuration().apply();
                jenkins.createOnlineSlave(Label.get("cvmfs-client"));
                jenkins.createOnlineSlave(Label.get("cvmfs-client"));
                WorkflowJob job = jenkins.createProject(WorkflowJob.class, "job");
                job.setDefinition(new CpsFlowDefinition(
                        "waitForCvmfsRevision repository: 'sw.example.org', revision: 2, agents: 'cvmfs-client'", true));
                WorkflowRun run = job.scheduleBuild2(0).waitForStart();
                awaitDetail(run, "0 of 2 agents have revision 2 or newer, 2 needed: slave0 serves revision 1");
            });

            // When
            mount.serve(2);

            // Then
            sessions.then(jenkins -> {
                WorkflowRun run =
                        jenkins.jenkins.getItemByFullName("job", WorkflowJob.class).getBuildByNumber(1);
                jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
                assertThat(run.getAction(CvmfsBuildAction.class).getWaits().get(0).getReplicas())
                        .extracting(WaitRecord.ReplicaRecord::getName, WaitRecord.ReplicaRecord::isCounted)
                        .containsExactly(tuple("slave0", true), tuple("slave1", true));
                NothingLeftOpen.requireNoWaits();
            });
        }
    }
}
