package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import hudson.model.Label;
import hudson.model.Result;
import hudson.slaves.DumbSlave;
import hudson.slaves.OfflineCause;
import io.jenkins.plugins.cvmfs.notify.page.CvmfsBuildAction;
import io.jenkins.plugins.cvmfs.notify.page.WaitRecord;
import java.time.Duration;
import java.util.List;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pipelines that wait for the mounts of real agents. */
class AgentsTest extends PipelineFixture {

    private static final String WAIT =
            "def got = waitForCvmfsRevision repository: 'sw.example.org', revision: 2, agents: 'cvmfs-client'";

    private AgentMount mount;

    @BeforeEach
    void prepare() {
        mount = new AgentMount(folder.resolve("mounts"));
    }

    @AfterEach
    void clear() {
        mount.close();
    }

    private DumbSlave agent() throws Exception {
        return jenkins.createOnlineSlave(Label.get("cvmfs-client"));
    }

    private static WaitRecord record(WorkflowRun run) {
        CvmfsBuildAction action = run.getAction(CvmfsBuildAction.class);
        return action == null || action.getWaits().isEmpty() ? null : action.getWaits().get(0);
    }

    private static void awaitDetail(WorkflowRun run, String text) {
        await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> {
            assertThat(record(run)).isNotNull();
            assertThat(record(run).getDetail()).contains(text);
        });
    }

    @Test
    void agentsAreWaitedForWithoutAnExecutor() throws Exception {
        // Given
        mount.serve(1);
        DumbSlave one = agent();
        DumbSlave two = agent();
        List<WorkflowRun> busy = List.of(
                start("node('%s') { echo 'busy'; sleep 600 }".formatted(one.getNodeName())),
                start("node('%s') { echo 'busy'; sleep 600 }".formatted(two.getNodeName())));
        busy.forEach(run -> awaitLog("busy", run));
        jenkins.jenkins.setNumExecutors(0);
        WorkflowRun run =
                start(WAIT + "\nfor (agent in got.agents) { echo \"${agent.name} serves ${agent.revision} in ${agent.url}\" }");
        awaitDetail(run, "0 of 2 agents have revision 2 or newer, 2 needed: %s serves revision 1".formatted(one.getNodeName()));

        // When
        mount.serve(2);
        site.publish();
        site.announce(site.manifest());

        // Then
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        jenkins.assertLogContains(one.getNodeName() + " serves 2 in ", run);
        jenkins.assertLogContains(two.getNodeName() + " serves 2 in ", run);
        jenkins.assertLogContains("sw.example.org: 2 of 2 agents have revision 2 or newer, 2 needed", run);
        assertThat(one.toComputer().countBusy() + two.toComputer().countBusy()).isEqualTo(2);
        assertThat(record(run).isOfAgents()).isTrue();
        assertThat(record(run).getReplicas())
                .extracting(WaitRecord.ReplicaRecord::getName)
                .containsExactlyInAnyOrder(one.getNodeName(), two.getNodeName());
        try (var client = jenkins.createWebClient()) {
            assertThat(client.getPage(run, "cvmfs").asNormalizedText())
                    .contains("Agents", "2 of 2 have it, 2 needed", one.getNodeName());
        }
        for (WorkflowRun occupant : busy) {
            occupant.getExecutor().interrupt();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(occupant));
        }
    }

    @Test
    void anAgentThatReturnsIsAskedAgainAndOneThatIsTakenOfflineIsNotWaitedFor() throws Exception {
        // Given
        mount.serve(1);
        DumbSlave one = agent();
        DumbSlave two = agent();
        WorkflowRun run = start(WAIT);
        awaitDetail(run, one.getNodeName() + " serves revision 1");

        // When
        one.toComputer().disconnect(new OfflineCause.ByCLI("test")).get();
        awaitDetail(run, one.getNodeName() + " serves revision 1, and now cannot be read: the agent is offline");
        two.toComputer().setTemporaryOfflineCause(new OfflineCause.ByCLI("test"));
        awaitDetail(run, "0 of 1 agents have revision 2 or newer, 1 needed");
        one.toComputer().connect(true).get();
        mount.serve(2);

        // Then
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        assertThat(record(run).getReplicas())
                .extracting(WaitRecord.ReplicaRecord::getName)
                .containsExactly(one.getNodeName());
    }

    @Test
    void anAgentThatHangsIsNamedAndCountsWhenItAnswers() throws Exception {
        // Given
        mount.serve(2);
        DumbSlave hung = agent();
        long process = AgentMount.process(hung);
        AgentMount.signal("STOP", process);
        try {
            WorkflowRun run = start(WAIT);

            // When
            awaitDetail(run, hung.getNodeName() + " cannot be read: the agent has not answered");
            AgentMount.signal("CONT", process);

            // Then
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        } finally {
            AgentMount.signal("CONT", process);
        }
    }

    @Test
    void theAgentOfANodeWaitsForAPathInItsOwnMount() throws Exception {
        // Given
        mount.serve(2);
        DumbSlave agent = agent();
        agent();
        WorkflowRun run = start("node('%s') { waitForCvmfsRevision repository: 'sw.example.org', revision: 2, agents: 'this', "
                .formatted(agent.getNodeName())
                + "path: '/cvmfs/sw.example.org/releases/2' }");
        awaitDetail(run, "releases/2 does not exist there");

        // When
        mount.add("releases/2");

        // Then
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        assertThat(record(run).getTitle()).endsWith("on agents online with name '" + agent.getNodeName() + "'");
    }

    @Test
    void theBuiltInNodeCountsIfItHasTheLabel() throws Exception {
        // Given
        mount.serve(2);
        jenkins.jenkins.setLabelString("cvmfs-client");

        // When, Then
        WorkflowRun run = jenkins.buildAndAssertSuccess(job(WAIT));
        assertThat(record(run).getReplicas())
                .extracting(WaitRecord.ReplicaRecord::getName)
                .containsExactly("built-in");
    }

    @Test
    void aLabelThatNoAgentHasIsNamedAndWaitedFor() throws Exception {
        // Given
        mount.serve(2);
        WorkflowRun run = start(WAIT);
        awaitDetail(
                run,
                "there are no agents online with label 'cvmfs-client'; no agent has this label, and no cloud provides one");
        awaitLog("no agent has this label", run);

        // When
        agent();

        // Then
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
    }

    @Test
    void aTimeoutNamesTheAgentsThatLagAndWhy() throws Exception {
        // Given
        DumbSlave agent = agent();

        // When
        WorkflowRun run = jenkins.buildAndAssertStatus(
                Result.FAILURE, job(WAIT.replace("agents:", "timeout: '8s', agents:")));

        // Then
        jenkins.assertLogContains("timed out waiting for revision 2 or newer of sw.example.org", run);
        jenkins.assertLogContains(agent.getNodeName() + " cannot be read: ", run);
        jenkins.assertLogContains("sw.example.org: not mounted: there is no such folder", run);
    }

    @Test
    void replicasAndAgentsAreWaitedForTogether() throws Exception {
        // Given
        mount.serve(2);
        agent();
        WorkflowRun run = start(WAIT.replace("agents:", "replicas: ['site-a'], agents:")
                + "\necho \"${got.replicas.size()} and ${got.agents.size()}, reached ${got.reached}\"");
        await().atMost(Duration.ofMinutes(1)).until(() -> record(run) != null
                && run.getAction(CvmfsBuildAction.class).getWaits().size() == 2
                && !run.getAction(CvmfsBuildAction.class).getWaits().get(1).isRunning()
                        | run.getAction(CvmfsBuildAction.class).getWaits().get(1).getCounted() == 1);

        // When
        site.publish();
        site.replicate("site-a");
        site.announce(site.manifest());

        // Then
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        jenkins.assertLogContains("1 and 1, reached true", run);
    }

    @Test
    void mistakesAreReportedAtOnce() throws Exception {
        assertRefused(
                WAIT.replace("'cvmfs-client'", "'linux &&'"),
                "agents is 'linux &&', must be 'this' or a label expression such as 'linux && cvmfs'");
        assertRefused(WAIT.replace("'cvmfs-client'", "'this'"), "agents: 'this' needs a node block, or give a label");
        assertRefused(WAIT + ", path: '/etc/passwd'", "path is '/etc/passwd', must begin with /cvmfs/sw.example.org/");
    }

    private void assertRefused(String script, String message) throws Exception {
        WorkflowRun run = jenkins.buildAndAssertStatus(Result.FAILURE, job(script));
        jenkins.assertLogContains(message, run);
    }
}
