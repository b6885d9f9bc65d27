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
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.InboundAgentExtension;
import org.jvnet.hudson.test.junit.jupiter.JenkinsSessionExtension;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/**
 * A wait for agents goes on after a restart, and after Jenkins was killed, though they reconnect one after the other, some time later:
 * it waits for all of them.
 */
@Tag("project")
@ExtendWith(NothingLeftOpen.class)
class AgentsRestartTest {

    private static final String WAIT =
            "waitForCvmfsRevision repository: 'sw.example.org', revision: 2, agents: 'cvmfs-client'";

    @RegisterExtension
    private final JenkinsSessionExtension sessions = new JenkinsSessionExtension();

    @RegisterExtension
    private final RealJenkinsExtension killed = new RealJenkinsExtension();

    @RegisterExtension
    private final InboundAgentExtension agents = new InboundAgentExtension();

    @TempDir
    private Path folder;

    private static String detail(WorkflowRun run) {
        CvmfsBuildAction action = run.getAction(CvmfsBuildAction.class);
        return action == null || action.getWaits().isEmpty()
                ? ""
                : action.getWaits().get(0).getDetail();
    }

    private static void awaitDetail(WorkflowRun run, String text) {
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertThat(detail(run)).contains(text));
    }

    private static WorkflowRun begin(JenkinsRule jenkins, SiteConfiguration configuration) throws Exception {
        configuration.apply();
        WorkflowJob job = jenkins.createProject(WorkflowJob.class, "job");
        job.setDefinition(new CpsFlowDefinition(WAIT, true));
        return job.scheduleBuild2(0).waitForStart();
    }

    private static WorkflowRun resumed(JenkinsRule jenkins) {
        return jenkins.jenkins.getItemByFullName("job", WorkflowJob.class).getBuildByNumber(1);
    }

    private static void requireReached(JenkinsRule jenkins, String one, String other) throws Exception {
        WorkflowRun run = resumed(jenkins);
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        assertThat(run.getAction(CvmfsBuildAction.class).getWaits().get(0).getReplicas())
                .extracting(WaitRecord.ReplicaRecord::getName, WaitRecord.ReplicaRecord::isCounted)
                .containsExactly(tuple(one, true), tuple(other, true));
    }

    @Test
    void agentsThatReconnectLaterAreStillWaitedFor() throws Throwable {
        try (Site site = new Site(folder.toRealPath());
                AgentMount mount = new AgentMount(folder.toRealPath().resolve("mounts"))) {
            // Given
            mount.serve(1);
            sessions.then(jenkins -> {
                jenkins.createOnlineSlave(Label.get("cvmfs-client"));
                jenkins.createOnlineSlave(Label.get("cvmfs-client"));
                awaitDetail(
                        begin(jenkins, site.configuration()),
                        "0 of 2 agents have revision 2 or newer, 2 needed: slave0 serves revision 1");
            });

            // When
            mount.serve(2);

            // Then
            sessions.then(jenkins -> {
                requireReached(jenkins, "slave0", "slave1");
                NothingLeftOpen.requireNoWaits();
            });
        }
    }

    private static InboundAgentExtension.Options agent(String name) {
        return InboundAgentExtension.Options.newBuilder()
                .name(name)
                .label("cvmfs-client")
                .webSocket()
                .build();
    }

    @Test
    void agentsThatReconnectAfterJenkinsWasKilledAreStillWaitedFor() throws Throwable {
        Path mounts = folder.toRealPath().resolve("mounts");
        try (Site site = new Site(folder.toRealPath());
                AgentMount mount = new AgentMount(mounts)) {
            // Given
            mount.serve(1);
            SiteConfiguration configuration = site.configuration();
            killed.javaOptions("-D" + AgentMount.PROPERTY + "=" + mounts).startJenkins();
            agents.createAgent(killed, agent("one"));
            agents.createAgent(killed, agent("two"));
            killed.runRemotely((RealJenkinsExtension.Step) jenkins -> awaitDetail(
                    begin(jenkins, configuration),
                    "0 of 2 agents have revision 2 or newer, 2 needed: one serves revision 1; two serves revision 1"));

            // When
            killed.stopJenkinsForcibly();
            agents.stop("two");
            mount.serve(2);
            killed.startJenkins();

            // Then
            killed.runRemotely((RealJenkinsExtension.Step) jenkins ->
                    awaitDetail(resumed(jenkins), "1 of 2 agents have revision 2 or newer, 2 needed: two "));
            agents.start(killed, agent("two"));
            killed.runRemotely((RealJenkinsExtension.Step) jenkins -> requireReached(jenkins, "one", "two"));
        }
    }
}
