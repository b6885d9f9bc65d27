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
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
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

    /** What the trigger waits for, or what it has just done, when Jenkins goes down. */
    enum State {
        QUIET_PERIOD("quietPeriod: 40", 2, 3),
        MAX_RATE("maxRate: '1/minute'", 3, 4, 2),
        REPLICAS("require: 'all'", 0, 3),
        /** The build for revision 2 is under way. */
        RUNNING("server: 'main'", 0, 3, 2);

        private final String parameter;
        private final long pending;
        private final List<Long> built;

        /**
         * @param pending the revision that has a build only if its time comes before the trigger of the started Jenkins has looked for a
         *     newer one; 0 for none
         * @param built the revisions that have a build in the end, the newest first
         */
        State(String parameter, long pending, long... built) {
            this.parameter = parameter;
            this.pending = pending;
            this.built = LongStream.of(built).boxed().toList();
        }
    }

    @BeforeEach
    void open() throws Exception {
        site = new Site(folder.toRealPath());
    }

    /** Starts Jenkins, with a job that does this. */
    private void addJob(String trigger, String steps) throws Throwable {
        SiteConfiguration configuration = site.configuration();
        String script = "properties([pipelineTriggers([%s])])\n%s".formatted(trigger, steps);
        jenkins.startJenkins();
        jenkins.runRemotely((RealJenkinsExtension.Step) rule -> {
            configuration.apply();
            WorkflowJob job = rule.createProject(WorkflowJob.class, "job");
            job.setDefinition(new CpsFlowDefinition(script, true));
            rule.buildAndAssertSuccess(job);
            TriggerTest.awaitFirstLook(job);
        });
    }

    private void addJob() throws Throwable {
        addJob("cvmfsRevision('sw.example.org')", "echo \"revision ${env.CVMFS_REVISION}\"");
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
        addJob();
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
        addJob();
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
        addJob();
        jenkins.runRemotely((RealJenkinsExtension.Step) rule -> rule.jenkins.doQuietDown());
        publishAndAnnounce();
        jenkins.runRemotely((RealJenkinsExtension.Step) rule -> {
            TriggerTest.awaitPending(job(rule), 2);
            // It is saved as pending before it is put into the queue.
            await().atMost(Duration.ofMinutes(1)).until(() -> Queue.getInstance().getItems().length == 1);
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
        addJob();
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
        addJob();
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

    /** Revision 2 is published, and with the maximum rate 3 too. */
    private void reach(State state) throws Throwable {
        int requests = site.requests();
        publishAndAnnounce();
        switch (state) {
            case QUIET_PERIOD -> jenkins.runRemotely(pending(2));
            case MAX_RATE -> {
                jenkins.runRemotely((RealJenkinsExtension.Step) rule -> {
                    rule.waitForCompletion(TriggerTest.awaitBuild(job(rule), 2));
                    TriggerTest.awaitHandled(job(rule), 2);
                });
                publishAndAnnounce();
                jenkins.runRemotely(pending(3));
            }
            // Both replicas are read, and do not have it.
            case REPLICAS -> await().atMost(Duration.ofMinutes(1)).until(() -> site.requests() >= requests + 2);
            case RUNNING ->
                jenkins.runRemotely((RealJenkinsExtension.Step) rule -> {
                    WorkflowRun build = TriggerTest.awaitBuild(job(rule), 2);
                    await().atMost(Duration.ofMinutes(1))
                            .until(() -> Files.exists(build.getRootDir().toPath().resolve("program.dat")));
                });
        }
    }

    private static RealJenkinsExtension.Step pending(long revision) {
        return rule -> TriggerTest.awaitPending(job(rule), revision);
    }

    @FunctionalInterface
    private interface Stop {
        void run() throws Exception;
    }

    private void requireABuildForEachRevision(State state, Stop stop) throws Throwable {
        // Given
        addJob(
                "cvmfsRevision(repository: 'sw.example.org', %s)".formatted(state.parameter),
                "if (env.CVMFS_REVISION) { sleep 5 }");
        Instant published = Instant.now();
        reach(state);

        // When
        stop.run();
        site.publish();
        site.replicateEverywhere();
        jenkins.startJenkins();

        // Then
        jenkins.runRemotely((RealJenkinsExtension.Step) rule -> {
            TriggerTest.awaitHandled(job(rule), state.built.get(0));
            rule.waitUntilNoActivity();
            List<WorkflowRun> builds = job(rule).getBuilds().stream()
                    .filter(build -> !CvmfsRevisionCause.of(build).isEmpty())
                    .toList();
            assertThat(builds)
                    .flatExtracting(CvmfsRevisionCause::of)
                    .extracting(CvmfsRevisionCause::getRevision)
                    .doesNotHaveDuplicates()
                    .filteredOn(revision -> revision != state.pending)
                    .containsExactlyElementsOf(state.built);
            assertThat(builds).extracting(WorkflowRun::getResult).containsOnly(Result.SUCCESS);
            List<Instant> begun = builds.stream()
                    .map(build -> Instant.ofEpochMilli(build.getStartTimeInMillis()))
                    .toList();
            if (state == State.QUIET_PERIOD) {
                assertThat(begun).allSatisfy(begin -> assertThat(begin).isAfterOrEqualTo(published.plusSeconds(40)));
            } else if (state == State.MAX_RATE) {
                for (int i = 1; i < begun.size(); i++) {
                    assertThat(begun.get(i - 1)).isAfterOrEqualTo(begun.get(i).plusSeconds(60));
                }
            }
        });
    }

    @ParameterizedTest
    @EnumSource(State.class)
    void eachRevisionHasItsBuildOverARestart(State state) throws Throwable {
        requireABuildForEachRevision(state, jenkins::stopJenkins);
    }

    @ParameterizedTest
    @EnumSource(State.class)
    void eachRevisionHasItsBuildAfterJenkinsWasKilled(State state) throws Throwable {
        requireABuildForEachRevision(state, jenkins::stopJenkinsForcibly);
    }

    @Test
    void theStateIsKeptInTheFolderOfTheJob() throws Throwable {
        addJob();
        publishAndAnnounce();

        jenkins.runRemotely(onlyBuild(2));

        assertThat(jenkins.getHome().toPath().resolve("jobs/job/cvmfs-revisions/sw.example.org.xml"))
                .satisfies(file -> assertThat(Files.readString(file)).contains("<revision>2</revision>"));
    }
}
