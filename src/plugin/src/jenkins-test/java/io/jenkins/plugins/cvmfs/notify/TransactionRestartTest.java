package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import hudson.model.Result;
import io.jenkins.plugins.cvmfs.notify.connection.NothingLeftOpen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.junit.jupiter.JenkinsSessionExtension;
import org.jvnet.hudson.test.junit.jupiter.RealJenkinsExtension;

/** A transaction survives a restart of Jenkins in each of its states, and each command runs once. */
@Tag("project")
@ExtendWith(NothingLeftOpen.class)
class TransactionRestartTest {

    @RegisterExtension
    private final JenkinsSessionExtension sessions = new JenkinsSessionExtension();

    @RegisterExtension
    private final RealJenkinsExtension killed = new RealJenkinsExtension();

    @TempDir
    private Path temporary;

    private Path folder;
    private Site site;
    private CvmfsTools tools;

    /** Where Jenkins is when it goes down. */
    enum State {
        OPENING,
        BUSY,
        BODY,
        PUBLISHING,
        ANNOUNCING,
        ABORTING
    }

    @BeforeEach
    void open() throws Exception {
        folder = temporary.toRealPath();
        site = new Site(folder);
        tools = new CvmfsTools(folder.resolve("tools"), site::publish);
    }

    @AfterEach
    void close() throws Exception {
        tools.close();
        site.close();
    }

    private void prepare(State state) throws Exception {
        switch (state) {
            case OPENING -> tools.hold("transaction");
            case BUSY -> tools.busy(true);
            case BODY -> tools.hold("body");
            case PUBLISHING -> tools.hold("publish");
            case ANNOUNCING -> site.stopProxy();
            case ABORTING -> {
                tools.fail("publish");
                tools.hold("abort");
            }
        }
    }

    private void goOn(State state) throws IOException {
        switch (state) {
            case OPENING -> tools.release("transaction");
            case BUSY -> tools.busy(false);
            case BODY -> tools.release("body");
            case PUBLISHING -> tools.release("publish");
            case ANNOUNCING -> site.startProxy();
            case ABORTING -> tools.release("abort");
        }
    }

    private static boolean isReached(State state, List<String> commands, String log) {
        return switch (state) {
            case OPENING -> commands.contains("transaction sw.example.org");
            case BUSY -> log.contains("sw.example.org is busy");
            case BODY -> log.contains("changes");
            case PUBLISHING -> commands.contains("publish sw.example.org");
            case ANNOUNCING -> log.contains("cannot announce at main yet");
            case ABORTING -> commands.contains("abort -f sw.example.org");
        };
    }

    private static String pipeline(Path held) {
        return """
                node('cvmfs-publisher') {
                  def rev = cvmfsTransaction('sw.example.org') {
                    echo 'changes'
                    sh 'while [ -e %s ]; do sleep 0.1; done'
                  }
                  echo "published ${rev.repository} ${rev.revision}"
                }
                """.formatted(held);
    }

    private static void begin(JenkinsRule jenkins, SiteConfiguration configuration, Path tools) throws Exception {
        configuration.apply();
        CvmfsTools.install(jenkins.jenkins, tools);
        WorkflowJob job = jenkins.createProject(WorkflowJob.class, "job");
        job.setDefinition(new CpsFlowDefinition(pipeline(tools.resolve("hold-body")), true));
        job.scheduleBuild2(0).waitForStart();
    }

    private static WorkflowRun run(JenkinsRule jenkins) {
        return jenkins.jenkins.getItemByFullName("job", WorkflowJob.class).getBuildByNumber(1);
    }

    private static void end(JenkinsRule jenkins, State state) throws Exception {
        WorkflowRun run = run(jenkins);
        await().atMost(Duration.ofMinutes(2)).until(() -> !run.isBuilding());
        if (state == State.ABORTING) {
            jenkins.assertBuildStatus(Result.FAILURE, run);
            jenkins.assertLogContains("the transaction of sw.example.org is aborted", run);
            jenkins.assertLogContains("cvmfs_server publish sw.example.org failed with exit status 1", run);
        } else {
            jenkins.assertBuildStatusSuccess(run);
            jenkins.assertLogContains("published sw.example.org 2", run);
        }
    }

    private void requireEachCommandOnce(State state) throws IOException {
        assertThat(tools.inTransaction()).isFalse();
        assertThat(tools.commands())
                .contains("transaction sw.example.org", "publish sw.example.org")
                .filteredOn(command -> state != State.BUSY || !command.startsWith("transaction"))
                .doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @EnumSource(State.class)
    void itGoesOnAfterARestart(State state) throws Throwable {
        // Given
        prepare(state);
        Path scripts = folder.resolve("tools");
        sessions.then(jenkins -> {
            begin(jenkins, site.configuration(), scripts);
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> isReached(state, tools.commands(), JenkinsRule.getLog(run(jenkins))));
        });

        // When
        goOn(state);

        // Then
        sessions.then(jenkins -> end(jenkins, state));
        requireEachCommandOnce(state);
    }

    @ParameterizedTest
    @EnumSource(State.class)
    void itGoesOnAfterJenkinsWasKilled(State state) throws Throwable {
        // Given
        prepare(state);
        String scripts = folder.resolve("tools").toString();
        SiteConfiguration configuration = site.configuration();
        killed.startJenkins();
        killed.runRemotely((RealJenkinsExtension.Step) jenkins -> {
            begin(jenkins, configuration, Path.of(scripts));
            Path commands = Path.of(scripts, "commands");
            await().atMost(Duration.ofMinutes(1))
                    .until(() -> isReached(
                            state,
                            Files.exists(commands)
                                    ? Files.readAllLines(commands)
                                    : List.of(),
                            JenkinsRule.getLog(run(jenkins))));
        });

        // When
        killed.stopJenkinsForcibly();
        goOn(state);

        // Then
        killed.startJenkins();
        killed.runRemotely((RealJenkinsExtension.Step) jenkins -> end(jenkins, state));
        requireEachCommandOnce(state);
    }
}
