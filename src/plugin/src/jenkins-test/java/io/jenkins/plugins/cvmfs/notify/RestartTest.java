package io.jenkins.plugins.cvmfs.notify;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.cloudbees.hudson.plugins.folder.Folder;
import hudson.model.Result;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsFolderProperty;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import io.jenkins.plugins.cvmfs.notify.connection.NothingLeftOpen;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.graphanalysis.DepthFirstScanner;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.support.actions.PauseAction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.JenkinsSessionExtension;

/** After each test no thread is left in this process, and the service counts no subscriber. */
@Tag("project")
@ExtendWith(NothingLeftOpen.class)
class RestartTest {

    @RegisterExtension
    private final JenkinsSessionExtension sessions = new JenkinsSessionExtension();

    @TempDir
    private Path folder;

    private Site site;

    @BeforeEach
    void open() throws Exception {
        site = new Site(folder.toRealPath());
    }

    @AfterEach
    void close() throws Exception {
        await().atMost(Duration.ofMinutes(1)).until(() -> site.subscribers() == 0);
        site.close();
    }

    private static void start(JenkinsRule jenkins, String script, String untilLogged) throws Exception {
        WorkflowJob job = jenkins.createProject(WorkflowJob.class, "job");
        job.setDefinition(new CpsFlowDefinition(script, true));
        PipelineFixture.awaitLog(jenkins, untilLogged, job.scheduleBuild2(0).waitForStart());
    }

    /** The first session, in which the build begins; it is over once that is logged. */
    private void begin(String script, String untilLogged) throws Throwable {
        sessions.then(jenkins -> {
            site.configuration().apply();
            start(jenkins, script, untilLogged);
        });
    }

    /** The last session, in which the build ends. */
    private void afterwards(JenkinsSessionExtension.Step step) throws Throwable {
        sessions.then(jenkins -> {
            step.run(jenkins);
            NothingLeftOpen.requireNoWaits();
        });
    }

    private static WorkflowRun resumed(JenkinsRule jenkins) {
        return jenkins.jenkins.getItemByFullName("job", WorkflowJob.class).getBuildByNumber(1);
    }

    @Test
    void aRevisionThatComesWhileJenkinsIsDownIsSeenAfterTheRestart() throws Throwable {
        // Given
        begin(
                "def got = waitForCvmfsRevision repository: 'sw.example.org', revision: 2\necho \"got ${got.revision}\"",
                "site-b");

        // When
        site.publish();
        site.replicateEverywhere();

        // Then
        afterwards(jenkins -> {
            WorkflowRun run = resumed(jenkins);
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            jenkins.assertLogContains("got 2", run);
        });
    }

    @Test
    void aWaitGoesOnAfterARestart() throws Throwable {
        // Given
        begin("waitForCvmfsRevision repository: 'sw.example.org', revision: 2", "site-b");

        // When, Then
        afterwards(jenkins -> {
            WorkflowRun run = resumed(jenkins);
            site.publish();
            site.replicateEverywhere();
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        });
    }

    @Test
    void aWaitForARepositoryOfAFolderGoesOnAfterARestart() throws Throwable {
        // Given
        sessions.then(jenkins -> {
            CvmfsNotifyConfiguration.get().setHostsInFolders("127.0.0.1");
            Folder team = jenkins.createProject(Folder.class, "team");
            CvmfsFolderProperty property = new CvmfsFolderProperty();
            property.setServers(List.of(new ServerEntry("main", site.proxyUrl())));
            property.setRepositories(site.configuration().entries());
            team.addProperty(property);
            WorkflowJob job = team.createProject(WorkflowJob.class, "job");
            job.setDefinition(new CpsFlowDefinition(
                    "waitForCvmfsRevision repository: 'sw.example.org', revision: 2", true));
            PipelineFixture.awaitLog(
                    jenkins,
                    "connected to the notification server",
                    job.scheduleBuild2(0).waitForStart());
        });

        // When, Then
        afterwards(jenkins -> {
            WorkflowRun run = jenkins.jenkins
                    .getItemByFullName("team/job", WorkflowJob.class)
                    .getBuildByNumber(1);
            await().atMost(Duration.ofMinutes(1)).until(() -> site.subscribers() == 1);
            site.publish();
            site.replicateEverywhere();
            site.announce(site.manifest());
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            jenkins.assertLogNotContains("waiting without a notification server", run);
        });
    }

    @Test
    void aRestartBeforeTheConnectionIsUpLosesNothing() throws Throwable {
        // Given
        site.stopProxy();
        sessions.then(jenkins -> {
            site.configuration().apply();
            start(jenkins, "waitForCvmfsRevision repository: 'sw.example.org', revision: 2", "no connection");
            jenkins.assertLogNotContains("connected to the notification server", resumed(jenkins));
        });

        // When
        site.startProxy();
        site.publish();
        site.announce(site.manifest());

        // Then
        afterwards(jenkins -> {
            WorkflowRun run = resumed(jenkins);
            PipelineFixture.awaitLog(jenkins, "connected to the notification server", run);
            PipelineFixture.awaitLog(jenkins, "announced: revision 2", run);
            site.replicateEverywhere();
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        });
    }

    @Test
    void twoRestartsInARowLeaveOneWait() throws Throwable {
        // Given
        begin("waitForCvmfsRevision repository: 'sw.example.org', revision: 2\necho 'went on'", "site-b");
        sessions.then(jenkins -> await().atMost(Duration.ofMinutes(1)).until(() -> site.subscribers() == 1));

        // When, Then
        afterwards(jenkins -> {
            WorkflowRun run = resumed(jenkins);
            await().atMost(Duration.ofMinutes(1)).until(() -> site.subscribers() == 1);
            site.publish();
            site.replicateEverywhere();
            site.announce(site.manifest());
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            assertThat(JenkinsRule.getLog(run)).containsOnlyOnce("went on");
        });
    }

    @Test
    void aWaitCanBeAbortedAfterARestart() throws Throwable {
        // Given
        begin("waitForCvmfsRevision repository: 'sw.example.org', revision: 2", "site-b");

        // When, Then
        afterwards(jenkins -> {
            WorkflowRun run = resumed(jenkins);
            await().atMost(Duration.ofMinutes(1)).until(() -> run.getExecutor() != null);
            run.getExecutor().interrupt();
            jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
        });
    }

    @Test
    void whatWasAnnouncedBeforeARestartIsWaitedForAfterIt() throws Throwable {
        // Given
        begin(
                "cvmfsPublishNotify repository: 'sw.example.org'\n"
                        + "waitForCvmfsRevision repository: 'sw.example.org', revision: 2\n"
                        + "def got = waitForCvmfsRevision()\necho \"got ${got.revision}\"",
                "site-b");

        // When
        site.publish();
        site.replicateEverywhere();

        // Then
        afterwards(jenkins -> {
            WorkflowRun run = resumed(jenkins);
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            jenkins.assertLogContains("waiting for what this build announced: sw.example.org revision 1", run);
            jenkins.assertLogContains("got 2", run);
        });
    }

    @Test
    void anAbortRightAfterARestartLeavesTheBuildThatIsOverAsItIs() throws Throwable {
        // Given
        begin("waitForCvmfsRevision repository: 'sw.example.org', revision: 2", "site-b");

        // When, Then
        try (LogRecorder log = new LogRecorder("org.jenkinsci.plugins.workflow", "io.jenkins.plugins.cvmfs")) {
            afterwards(jenkins -> {
                WorkflowRun run = resumed(jenkins);
                run.getExecutionPromise().get().interrupt(Result.ABORTED);
                jenkins.assertBuildStatus(Result.ABORTED, jenkins.waitForCompletion(run));
                NothingLeftOpen.requireNoWaits();
                assertThat(new DepthFirstScanner().allNodes(run.getExecution()))
                        .noneMatch(node -> PauseAction.isPaused(node));
            });
            assertThat(log.warnings()).isEmpty();
        }
    }

    @Test
    void aWaitSaysWhenTheLastServerWasRemovedOverARestart() throws Throwable {
        // Given
        sessions.then(jenkins -> {
            site.configuration().apply();
            start(jenkins, "waitForCvmfsRevision repository: 'sw.example.org', revision: 2", "site-b");
            CvmfsNotifyConfiguration.get().setServers(List.of());
        });

        // When, Then
        afterwards(jenkins -> {
            WorkflowRun run = resumed(jenkins);
            PipelineFixture.awaitLog(jenkins, "waiting without a notification server, the replicas are polled: none", run);
            site.publish();
            site.replicateEverywhere();
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        });
    }

    /** Starts a wait that is still under way when Jenkins shuts down, and leaves Jenkins down until its deadline is past. */
    private void beDownOverTheDeadline(String untilLogged) throws Throwable {
        AtomicReference<Instant> deadline = new AtomicReference<>();
        sessions.then(jenkins -> {
            site.configuration().apply();
            start(
                    jenkins,
                    "def got = waitForCvmfsRevision repository: 'sw.example.org', revision: 2, timeout: 20, unit: 'SECONDS'\n"
                            + "echo \"got ${got.revision}\"",
                    untilLogged);
            deadline.set(Instant.now().plusSeconds(20));
            assertThat(resumed(jenkins).isBuilding()).isTrue();
        });
        await().atMost(Duration.ofMinutes(1)).until(() -> Instant.now().isAfter(deadline.get()));
    }

    @Test
    void aDeadlineThatPassesWhileJenkinsIsDownStillCounts() throws Throwable {
        // Given
        beDownOverTheDeadline("waiting for revision 2");

        // When, Then
        afterwards(jenkins -> {
            WorkflowRun run = resumed(jenkins);
            jenkins.assertBuildStatus(Result.FAILURE, jenkins.waitForCompletion(run));
            String log = JenkinsRule.getLog(run);
            assertThat(log).containsSubsequence("Resuming build", "timed out", "timed out waiting for revision 2");
        });
    }

    @Test
    void aRevisionThatCameBeforeTheDeadlineWhileJenkinsWasDownCountsAfterIt() throws Throwable {
        // Given
        beDownOverTheDeadline("site-b");
        site.publish();
        site.replicateEverywhere();

        // When, Then
        afterwards(jenkins -> {
            WorkflowRun run = resumed(jenkins);
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            jenkins.assertLogContains("got 2", run);
        });
    }

    @Test
    void credentialsThatAreDeletedOverARestartDoNotEndTheWait() throws Throwable {
        // Given
        sessions.then(jenkins -> {
            site.configuration().apply();
            start(jenkins, "waitForCvmfsRevision repository: 'sw.example.org', revision: 2", "site-b");
            CvmfsNotifyConfiguration.get().getServers().get(0).setCredentialsId("gone");
            CvmfsNotifyConfiguration.get().save();
        });

        // When, Then
        afterwards(jenkins -> {
            WorkflowRun run = resumed(jenkins);
            PipelineFixture.awaitLog(jenkins, "waiting without a notification server, the replicas are polled: ", run);
            site.publish();
            site.replicateEverywhere();
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
        });
    }

    /** Gives the running build the class name that an older version of the plugin saved for its step. */
    private void rename(String saved, String old) throws IOException {
        String program = "io.jenkins.plugins.cvmfs.notify.steps.";
        Path file = sessions.getHome().toPath().resolve("jobs/job/builds/1/program.dat");
        String bytes = Files.readString(file, ISO_8859_1);
        String before = withLength(program + saved);
        assertThat(bytes).containsOnlyOnce(before);
        ByteBuffer renamed =
                ByteBuffer.wrap(bytes.replace(before, withLength(program + old)).getBytes(ISO_8859_1));
        // The header, a long and a short, is followed by the offset of the file's second part.
        int offset = Long.BYTES + Short.BYTES;
        renamed.putInt(offset, renamed.getInt(offset) + old.length() - saved.length());
        Files.write(file, renamed.array());
    }

    /** Short texts are saved after one byte with their length. */
    private static String withLength(String name) {
        return (char) name.length() + name;
    }

    @Test
    void aWaitOfAnOlderVersionOfThePluginIsResumed() throws Throwable {
        // Given
        begin(
                "def rev = cvmfsPublishNotify repository: 'sw.example.org'\n"
                        + "def got = waitForCvmfsRevision repository: rev.repository, after: rev.revision\n"
                        + "echo \"got ${got.revision} after ${rev.revision}\"",
                "site-b");
        rename("WaitForCvmfsRevisionStep$Execution", "WaitForCvmfsRevisionExecution");

        // When
        site.publish();
        site.replicateEverywhere();

        // Then
        afterwards(jenkins -> {
            WorkflowRun run = resumed(jenkins);
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            jenkins.assertLogContains("got 2 after 1", run);
        });
    }

    @Test
    void anAnnouncementOfAnOlderVersionOfThePluginIsResumed() throws Throwable {
        // Given
        site.stopProxy();
        begin("cvmfsPublishNotify repository: 'sw.example.org'", "verified: signed by");
        rename("CvmfsPublishNotifyStep$Execution", "CvmfsPublishNotifyExecution");

        // When
        site.startProxy();

        // Then
        afterwards(jenkins -> {
            WorkflowRun run = resumed(jenkins);
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            jenkins.assertLogContains("announced at main", run);
        });
    }

    @Test
    void anAnnouncementInTheMiddleIsMadeAfterTheRestart() throws Throwable {
        // Given
        site.stopProxy();
        begin(
                "def rev = cvmfsPublishNotify repository: 'sw.example.org'\necho \"announced ${rev.revision}\"",
                "verified: signed by");

        // When
        site.startProxy();

        // Then
        afterwards(jenkins -> {
            WorkflowRun run = resumed(jenkins);
            jenkins.assertBuildStatusSuccess(jenkins.waitForCompletion(run));
            jenkins.assertLogContains("announced 1", run);
        });
    }

    /** Records what the loggers below these warn of. */
    private static final class LogRecorder extends Handler implements AutoCloseable {

        private final List<Logger> loggers;
        private final List<String> warnings = new CopyOnWriteArrayList<>();

        LogRecorder(String... names) {
            loggers = Stream.of(names).map(Logger::getLogger).toList();
            loggers.forEach(logger -> logger.addHandler(this));
        }

        List<String> warnings() {
            return warnings;
        }

        @Override
        public void publish(LogRecord entry) {
            if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
                warnings.add(entry.getLoggerName() + ": " + entry.getMessage() + " " + entry.getThrown());
            }
        }

        @Override
        public void flush() {
            // Nothing is kept back.
        }

        @Override
        public void close() {
            loggers.forEach(logger -> logger.removeHandler(this));
        }
    }
}
