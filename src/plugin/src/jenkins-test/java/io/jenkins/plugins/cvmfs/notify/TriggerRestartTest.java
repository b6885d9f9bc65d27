package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import hudson.ExtensionList;
import hudson.model.Queue;
import hudson.model.Result;
import io.jenkins.plugins.cvmfs.notify.trigger.CvmfsRevisionCause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.core.ConditionTimeoutException;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.flow.FlowExecution;
import org.jenkinsci.plugins.workflow.flow.FlowExecutionListener;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/** A trigger over restarts of Jenkins, orderly ones and by {@code kill -9}: each revision has one build. */
@Tag("project")
class TriggerRestartTest {

    @RegisterExtension
    private final RealJenkinsExtension jenkins = new RealJenkinsExtension();

    @TempDir
    private Path folder;

    private Site site;

    @BeforeEach
    void addJob() throws Throwable {
        site = new Site(folder.toRealPath());
        SiteConfiguration configuration = site.configuration();
        jenkins.startJenkins();
        jenkins.runRemotely((RealJenkinsExtension.Step) rule -> {
            configuration.apply();
            WorkflowJob job = rule.createProject(WorkflowJob.class, "job");
            job.setDefinition(new CpsFlowDefinition(
                    """
                    properties([pipelineTriggers([cvmfsRevision('sw.example.org')])])
                    echo "revision ${env.CVMFS_REVISION}"
                    """,
                    true));
            rule.buildAndAssertSuccess(job);
            TriggerTest.awaitFirstLook(job);
        });
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    private void publishAndAnnounce() {
        site.publish();
        site.announce(site.manifest());
    }

    private static WorkflowJob job(JenkinsRule rule) {
        return rule.jenkins.getItemByFullName("job", WorkflowJob.class);
    }

    /** The second build, and the last, is for this revision. */
    private static RealJenkinsExtension.Step onlyBuild(long revision) {
        return rule -> {
            WorkflowRun build = TriggerTest.awaitBuild(job(rule), 2);
            rule.waitForCompletion(build);
            rule.assertLogContains("revision " + revision, rule.assertBuildStatusSuccess(build));
            assertThat(CvmfsRevisionCause.of(build))
                    .extracting(CvmfsRevisionCause::getRevision)
                    .containsExactly(revision);
            TriggerTest.awaitHandled(job(rule), revision);
            rule.waitUntilNoActivity();
            assertThat(job(rule).getLastBuild().getNumber()).isEqualTo(2);
        };
    }

    @Test
    void aRevisionPublishedWhileJenkinsIsDownIsBuiltOnceAfterTheRestart() throws Throwable {
        // Given
        jenkins.stopJenkins();

        // When
        publishAndAnnounce();
        publishAndAnnounce();
        jenkins.startJenkins();

        // Then
        jenkins.runRemotely(onlyBuild(3));
        jenkins.stopJenkins();
        jenkins.startJenkins();
        jenkins.runRemotely(onlyBuild(3));
    }

    @Test
    void aRevisionThatIsPendingWhenJenkinsIsKilledIsBuiltAfterwards() throws Throwable {
        // Given a Jenkins that starts no builds
        jenkins.runRemotely((RealJenkinsExtension.Step) rule -> rule.jenkins.doQuietDown());
        publishAndAnnounce();
        jenkins.runRemotely((RealJenkinsExtension.Step) rule -> TriggerTest.awaitPending(job(rule), 2));

        // When
        jenkins.stopJenkinsForcibly();
        jenkins.startJenkins();

        // Then
        jenkins.runRemotely(onlyBuild(2));
    }

    @Test
    void aBuildInTheQueueOverAnOrderlyRestartIsNotBuiltTwiceAndIsForTheNewestRevision() throws Throwable {
        // Given
        jenkins.runRemotely((RealJenkinsExtension.Step) rule -> rule.jenkins.doQuietDown());
        publishAndAnnounce();
        jenkins.runRemotely((RealJenkinsExtension.Step) rule -> {
            TriggerTest.awaitPending(job(rule), 2);
            assertThat(Queue.getInstance().getItems()).hasSize(1);
        });

        // When
        jenkins.stopJenkins();
        publishAndAnnounce();
        jenkins.startJenkins();

        // Then the build may start before the trigger has looked
        jenkins.runRemotely((RealJenkinsExtension.Step) rule -> {
            TriggerTest.awaitHandled(job(rule), 3);
            rule.waitUntilNoActivity();
            long builds = job(rule).getBuilds().stream()
                    .flatMap(build -> CvmfsRevisionCause.of(build).stream())
                    .peek(cause -> assertThat(cause.getRevision()).isBetween(2L, 3L))
                    .map(CvmfsRevisionCause::getRevision)
                    .distinct()
                    .count();
            assertThat(job(rule).getLastBuild().getNumber()).isEqualTo(1 + (int) builds);
        });
    }

    @Test
    void aRevisionWhoseBuildRunsWhenJenkinsIsKilledIsNotBuiltAgain() throws Throwable {
        // Given a build that Pipeline has saved
        jenkins.runRemotely((RealJenkinsExtension.Step) rule -> job(rule)
                .setDefinition(new CpsFlowDefinition(
                        "echo \"testing ${env.CVMFS_REVISION}\"; sleep 5; echo 'went on'", true)));
        publishAndAnnounce();
        jenkins.runRemotely((RealJenkinsExtension.Step) rule -> {
            WorkflowRun build = TriggerTest.awaitBuild(job(rule), 2);
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> Files.exists(build.getRootDir().toPath().resolve("program.dat")));
        });

        // When
        jenkins.stopJenkinsForcibly();
        jenkins.startJenkins();

        // Then
        jenkins.runRemotely(onlyBuild(2));
    }

    /** Ends the process as soon as a pipeline exists that has not begun, or shortly after. */
    private static final class Killer extends FlowExecutionListener {

        @Override
        public void onCreated(FlowExecution execution) {
            try {
                if (execution.getOwner().getExecutable() instanceof WorkflowRun build) {
                    await().atMost(Duration.ofSeconds(2)).until(() -> TriggerTest.isHandled(build.getParent(), 2));
                }
            } catch (ConditionTimeoutException | IOException e) {
                // It is not handled, as it should be.
            }
            Runtime.getRuntime().halt(1);
        }
    }

    @Test
    void aRevisionWhoseBuildHasNotBegunWhenJenkinsIsKilledIsBuiltAfterwards() throws Throwable {
        // Given
        jenkins.runRemotely((RealJenkinsExtension.Step)
                rule -> ExtensionList.lookup(FlowExecutionListener.class).add(new Killer()));

        // When
        publishAndAnnounce();
        await().atMost(Duration.ofMinutes(1)).until(() -> !jenkins.isAlive());
        jenkins.stopJenkinsForcibly();
        jenkins.startJenkins();

        // Then
        jenkins.runRemotely((RealJenkinsExtension.Step) rule -> {
            TriggerTest.awaitHandled(job(rule), 2);
            rule.waitUntilNoActivity();
            assertThat(job(rule).getBuilds())
                    .filteredOn(build -> build.getResult() == Result.SUCCESS
                            && !CvmfsRevisionCause.of(build).isEmpty())
                    .hasSize(1);
        });
    }

    @Test
    void theStateIsKeptInTheFolderOfTheJob() throws Throwable {
        publishAndAnnounce();

        jenkins.runRemotely(onlyBuild(2));

        assertThat(jenkins.getHome().toPath().resolve("jobs/job/cvmfs-revisions/sw.example.org.xml"))
                .satisfies(file -> assertThat(Files.readString(file)).contains("<revision>2</revision>"));
    }
}
