package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/** Jenkins without the plugin that brings folders, which is optional. */
@Tag("project")
class WithoutFoldersTest {

    @RegisterExtension
    private final RealJenkinsExtension jenkins = new RealJenkinsExtension()
            .omitPlugins(
                    "cloudbees-folder",
                    "branch-api",
                    "workflow-multibranch",
                    "pipeline-groovy-lib",
                    "pipeline-model-definition",
                    "pipeline-model-extensions",
                    "pipeline-model-api",
                    "pipeline-stage-tags-metadata");

    @TempDir
    private Path folder;

    @Test
    void announcementsAndWaitsWork() throws Throwable {
        try (Site site = new Site(folder.toRealPath())) {
            SiteConfiguration configuration = site.configuration();
            jenkins.then((RealJenkinsExtension.Step) rule -> build(rule, configuration));
        }
    }

    private static void build(JenkinsRule rule, SiteConfiguration configuration) throws Exception {
        assertThat(rule.jenkins.getPluginManager().getPlugin("cloudbees-folder")).isNull();
        assertThat(rule.jenkins.getPluginManager().getPlugin("cvmfs-notify")).isNotNull();
        configuration.apply();
        WorkflowJob job = rule.createProject(WorkflowJob.class);
        job.setDefinition(new CpsFlowDefinition("""
                cvmfsPublishNotify repository: 'sw.example.org'
                waitForCvmfsRevision()
                """, true));
        rule.buildAndAssertSuccess(job);
        try (JenkinsRule.WebClient client = rule.createWebClient()) {
            assertThat(client.goTo("manage/configure").asNormalizedText()).contains("Hosts that folders may use");
        }
    }
}
