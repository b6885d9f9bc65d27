package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import hudson.ExtensionList;
import hudson.PluginWrapper;
import hudson.model.Result;
import io.jenkins.plugins.cvmfs.notify.config.ConfigurationMonitor;
import java.nio.file.Path;
import java.util.List;
import java.time.Duration;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/** Jenkins in a process of its own, with its own class loaders: the plugin's Jetty beside Jenkins' Jetty. */
@Tag("project")
class HardKillTest {

    @RegisterExtension
    private final RealJenkinsExtension jenkins = new RealJenkinsExtension();

    @TempDir
    private Path folder;

    @Test
    void aWaitOverAWebSocketSurvivesThatJenkinsIsKilled() throws Throwable {
        try (Site site = new Site(folder.toRealPath())) {
            // Given
            SiteConfiguration configuration = site.configuration();
            jenkins.startJenkins();
            jenkins.runRemotely((RealJenkinsExtension.Step) rule -> begin(
                    rule,
                    configuration,
                    "waitForCvmfsRevision repository: 'sw.example.org', revision: 2",
                    "connected to the notification server",
                    "site-b"));

            // When
            jenkins.stopJenkinsForcibly();
            site.publish();
            site.replicateEverywhere();

            // Then
            jenkins.startJenkins();
            jenkins.runRemotely((RealJenkinsExtension.Step) HardKillTest::end);
        }
    }

    @Test
    void anAnnouncementSurvivesThatJenkinsIsKilled() throws Throwable {
        try (Site site = new Site(folder.toRealPath())) {
            // Given
            SiteConfiguration configuration = site.configuration();
            site.stopProxy();
            jenkins.startJenkins();
            jenkins.runRemotely((RealJenkinsExtension.Step) rule -> begin(
                    rule,
                    configuration,
                    "cvmfsPublishNotify repository: 'sw.example.org'",
                    "cannot announce at main yet: "));

            // When
            jenkins.stopJenkinsForcibly();
            site.startProxy();

            // Then
            jenkins.startJenkins();
            jenkins.runRemotely((RealJenkinsExtension.Step) HardKillTest::end);
        }
    }

    @Test
    void aBuildThatWaitsFailsWhenThePluginWasDisabledMeanwhile() throws Throwable {
        try (Site site = new Site(folder.toRealPath())) {
            // Given
            SiteConfiguration configuration = site.configuration();
            jenkins.startJenkins();
            jenkins.runRemotely((RealJenkinsExtension.Step) rule -> begin(
                    rule, configuration, "waitForCvmfsRevision repository: 'sw.example.org', revision: 2", "site-b"));
            jenkins.runRemotely((RealJenkinsExtension.Step) HardKillTest::disable);

            // When
            jenkins.stopJenkins();
            jenkins.startJenkins();

            // Then
            jenkins.runRemotely((RealJenkinsExtension.Step) HardKillTest::requireNamedPlugin);
        }
    }

    /** Administrators are warned as long as they can change it. */
    private static void disable(JenkinsRule rule) throws Exception {
        PluginWrapper plugin = rule.jenkins.getPluginManager().getPlugin("cvmfs-notify");
        ConfigurationMonitor monitor = ExtensionList.lookupSingleton(ConfigurationMonitor.class);
        // scm-api is needed by what the plugin needs.
        for (String name : List.of("bouncycastle-api", "scm-api")) {
            PluginWrapper needed = rule.jenkins.getPluginManager().getPlugin(name);
            needed.disable();
            assertThat(monitor.getLines())
                    .extracting(ConfigurationMonitor.Line::text)
                    .containsExactly("the plugin " + name + ", which cvmfs-notify needs, was disabled or removed: builds that"
                            + " are in a step of cvmfs-notify when Jenkins restarts fail then; enable or install it before,"
                            + " or wait until they are over");
            needed.enable();
            assertThat(monitor.isActivated()).isFalse();
        }
        plugin.disable();
        assertThat(monitor.getLines())
                .extracting(ConfigurationMonitor.Line::text)
                .containsExactly("the plugin cvmfs-notify was disabled or removed: builds that are in a step of cvmfs-notify"
                        + " when Jenkins restarts fail then; enable or install it before, or wait until they are over");
    }

    private static void requireNamedPlugin(JenkinsRule rule) throws Exception {
        WorkflowRun run =
                rule.jenkins.getItemByFullName("job", WorkflowJob.class).getBuildByNumber(1);
        rule.assertBuildStatus(Result.FAILURE, rule.waitForCompletion(run));
        rule.assertLogContains("the plugin cvmfs-notify was disabled or removed, so this build fails", run);
        rule.assertLogContains("ClassNotFoundException: io.jenkins.plugins.cvmfs.notify.", run);
    }

    private static void begin(JenkinsRule rule, SiteConfiguration configuration, String step, String... untilLogged)
            throws Exception {
        configuration.apply();
        WorkflowJob job = rule.createProject(WorkflowJob.class, "job");
        job.setDefinition(new CpsFlowDefinition(step + "\necho 'went on'", true));
        WorkflowRun run = job.scheduleBuild2(0).waitForStart();
        for (String line : untilLogged) {
            // The console collects its lines for up to a minute.
            await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> rule.assertLogContains(line, run));
        }
    }

    private static void end(JenkinsRule rule) throws Exception {
        WorkflowRun run =
                rule.jenkins.getItemByFullName("job", WorkflowJob.class).getBuildByNumber(1);
        rule.assertBuildStatusSuccess(rule.waitForCompletion(run));
        rule.assertLogContains("went on", run);
    }
}
