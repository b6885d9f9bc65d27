package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;

import hudson.model.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;

/**
 * The pipelines of docs/examples and the project's own Jenkinsfile run to their end, letter by letter, against real replicas and a
 * real notify-proxy. What they call in their {@code sh} steps is small and stands in {@link CvmfsTools}.
 */
class ExamplesRunTest extends PipelineFixture {

    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

    private CvmfsTools tools;

    @Override
    Site site(Path empty) throws IOException {
        return new Site(
                empty, List.of("site-a", "site-b", "site-c"), List.of(Site.REPOSITORY, "conditions.example.org"));
    }

    @BeforeEach
    void installTools() throws Exception {
        tools = new CvmfsTools(folder.toRealPath().resolve("tools"), this::publishEverywhere);
        tools.install(jenkins.jenkins);
    }

    @AfterEach
    void removeTools() {
        tools.close();
    }

    private void publishEverywhere() {
        site.publish();
        site.replicateEverywhere();
    }

    private WorkflowJob example(String name) throws Exception {
        return job(Files.readString(ROOT.resolve("docs/examples/" + name + ".Jenkinsfile")));
    }

    @Test
    void thereIsATestForEachExample() throws IOException {
        try (Stream<Path> files = Files.list(ROOT.resolve("docs/examples"))) {
            Set<String> names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".Jenkinsfile"))
                    .map(name -> name.replace(".Jenkinsfile", ""))
                    .collect(Collectors.toSet());
            assertThat(names).isEqualTo(Set.of("software", "conditions", "majority", "parallel", "timeout", "trigger", "agents"));
        }
    }

    @Test
    void software() throws Exception {
        // Given
        WorkflowJob job = example("software");
        tools.fillWorkspace(jenkins.jenkins.getWorkspaceFor(job));

        // When
        WorkflowRun run = jenkins.buildAndAssertSuccess(job);

        // Then
        jenkins.assertLogContains("announced at main", run);
        jenkins.assertLogContains("self-test passed", run);
    }

    @Test
    void conditions() throws Exception {
        // Given
        WorkflowJob job = example("conditions");
        WorkflowRun first = jenkins.buildAndAssertSuccess(job);
        WorkflowRun second = job.scheduleBuild2(0).waitForStart();
        awaitLog("site-c", second);

        // When
        site.publish("conditions.example.org");
        List.of("site-a", "site-b", "site-c").forEach(replica -> site.replicate("conditions.example.org", replica));

        // Then
        jenkins.assertLogContains("reconstruct --conditions-revision 1", first);
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(second));
        jenkins.assertLogContains("reconstruct --conditions-revision 2", second);
    }

    @Test
    void majority() throws Exception {
        // Given
        site.publish();
        site.replicate("site-a");
        WorkflowRun run = example("majority").scheduleBuild2(0).waitForStart();
        awaitLog("site-c serves revision 1", run);

        // When
        site.replicate("site-b");
        site.announce(site.manifest());

        // Then
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        jenkins.assertLogContains("site-a has revision 2 after ", run);
        jenkins.assertLogContains("site-b has revision 2 after ", run);
        jenkins.assertLogContains("site-c lags at revision 1", run);
    }

    @Test
    void parallel() throws Exception {
        // Given
        tools.installSoftware();
        site.publish();
        site.replicate("site-a");
        WorkflowRun run = example("parallel").scheduleBuild2(0).waitForStart();
        awaitLog("self-test passed", run);

        // When
        site.replicate("site-b");
        site.announce(site.manifest());

        // Then
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        assertThat(JenkinsRule.getLog(run).split("self-test passed", -1)).hasSize(3);
    }

    @Test
    void timeout() throws Exception {
        // Given
        site.publish();
        site.replicate("site-a");
        site.replicate("site-b");
        String script = Files.readString(ROOT.resolve("docs/examples/timeout.Jenkinsfile"));
        String impatient = script.replace("timeout: 30, unit: 'MINUTES'", "timeout: 3, unit: 'SECONDS'");
        assertThat(impatient).isNotEqualTo(script);

        // When
        WorkflowRun late = jenkins.buildAndAssertStatus(Result.UNSTABLE, job(impatient));
        site.replicate("site-c");
        WorkflowRun inTime = jenkins.buildAndAssertSuccess(example("timeout"));

        // Then
        jenkins.assertLogContains("tested without site-c", late);
        jenkins.assertLogNotContains("tested without", inTime);
    }

    @Test
    void trigger() throws Exception {
        // Given
        tools.installSoftware();
        WorkflowJob job = example("trigger");
        WorkflowRun first = jenkins.buildAndAssertSuccess(job);
        TriggerTest.awaitFirstLook(job);

        // When
        site.publish();
        site.replicate("site-a");
        site.replicate("site-b");
        site.announce(site.manifest());

        // Then
        WorkflowRun second = TriggerTest.awaitBuild(job, 2);
        jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(second));
        jenkins.assertLogNotContains("self-test passed", first);
        jenkins.assertLogContains("revision 2 of sw.example.org, root catalog " + site.rootHash(), second);
        jenkins.assertLogContains("self-test passed", second);
        job.delete();
    }

    @Test
    void agents() throws Exception {
        // Given
        WorkflowJob job = example("agents");
        tools.fillWorkspace(jenkins.jenkins.getWorkspaceFor(job));

        try (AgentMount mount = new AgentMount(tools.mounted(""))) {
            mount.serve(1);
            WorkflowRun run = job.scheduleBuild2(0).waitForStart();
            awaitLog("built-in serves revision 1", run);

            // When
            mount.serve(2);

            // Then
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            jenkins.assertLogContains("self-test passed", run);
        }
    }

    @Test
    void theProjectsOwnPipeline() throws Exception {
        // Given
        WorkflowJob job = job(Files.readString(ROOT.resolve("Jenkinsfile")));
        tools.fillWorkspace(jenkins.jenkins.getWorkspaceFor(job));

        // When
        WorkflowRun run = jenkins.buildAndAssertSuccess(job);

        // Then
        jenkins.assertLogContains("announced at main", run);
        assertThat(run.getArtifacts()).hasSize(2);
        assertThat(tools.mounted("sw.example.org/notify-proxy/notify-proxy.jar"))
                .exists();
        jenkins.assertLogContains("/notify-proxy/notify-proxy.jar demo", run);
    }
}
