package io.jenkins.plugins.cvmfs.notify;

import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.connection.NothingLeftOpen;
import java.nio.file.Path;
import java.time.Duration;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.JenkinsExtension;

/** A Jenkins in this process, configured for a {@link Site} that is really there; after each test nothing may be left open. */
@Tag("project")
@ExtendWith({PipelineFixture.NothingAfterJenkins.class, JenkinsExtension.class, NothingLeftOpen.class})
abstract class PipelineFixture {

    @TempDir
    Path folder;

    JenkinsRule jenkins;
    Site site;

    @BeforeEach
    void configure(JenkinsRule rule) throws Exception {
        jenkins = rule;
        site = site(folder.toRealPath());
        site.configuration().apply();
    }

    /** Another one for a test that needs more. */
    Site site(Path empty) throws Exception {
        return new Site(empty);
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    /** A sandboxed pipeline. */
    WorkflowJob job(String script) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition(script, true));
        return job;
    }

    WorkflowRun start(String script) throws Exception {
        return job(script).scheduleBuild2(0).waitForStart();
    }

    void awaitLog(String text, WorkflowRun run) {
        awaitLog(jenkins, text, run);
    }

    static void awaitLog(JenkinsRule rule, String text, WorkflowRun run) {
        await().atMost(Duration.ofMinutes(3)).untilAsserted(() -> rule.assertLogContains(text, run));
    }

    /** The same check once Jenkins is down: registered before the extension that starts it, asked after. */
    static final class NothingAfterJenkins implements AfterEachCallback {
        @Override
        public void afterEach(ExtensionContext context) {
            NothingLeftOpen.requireNoThreads();
        }
    }
}
