package io.jenkins.plugins.cvmfs.notify;

import static org.awaitility.Awaitility.await;

import hudson.model.Result;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.connection.NothingLeftOpen;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
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

/** A wait for replicas survives a restart of Jenkins, and that it is killed, in each of its states. */
@Tag("project")
@ExtendWith(NothingLeftOpen.class)
class WaitRestartTest {

    private static final String OTHER = "conditions.example.org";
    private static final Duration LIMIT = Duration.ofMinutes(1);

    @RegisterExtension
    private final JenkinsSessionExtension sessions = new JenkinsSessionExtension();

    @RegisterExtension
    private final RealJenkinsExtension killed =
            new RealJenkinsExtension().javaOptions("-Dio.jenkins.plugins.cvmfs.notify.progressSeconds=0");

    @TempDir
    private Path folder;

    private Site site;

    /** Where the wait is when Jenkins goes down. */
    enum State {
        CONNECTING("no connection to the notification server"),
        SUBSCRIBED("connected to the notification server", "sw.example.org: site-b serves revision 1"),
        /** No server is configured. */
        POLLING("waiting without a notification server", "sw.example.org: site-b serves revision 1"),
        /** One of the two repositories is there already. */
        SEVERAL_REPOSITORIES(
                "sw.example.org: 2 of 2 replicas have revision 2", "conditions.example.org: site-b serves revision 1"),
        /** Its time-out passes while Jenkins is down. */
        TIMED_OUT("sw.example.org: site-b serves revision 1"),
        /** The same, but the revision has come by then. */
        REACHED("sw.example.org: site-b serves revision 1");

        private final List<String> lines;

        State(String... lines) {
            this.lines = List.of(lines);
        }

        private boolean isOverdue() {
            return this == TIMED_OUT || this == REACHED;
        }
    }

    @BeforeEach
    void open() throws Exception {
        site = new Site(folder.toRealPath(), List.of("site-a", "site-b"), List.of(Site.REPOSITORY, OTHER));
    }

    @AfterEach
    void close() throws Exception {
        site.close();
    }

    private void prepare(State state) throws InterruptedException {
        if (state == State.CONNECTING) {
            site.stopProxy();
        } else if (state == State.SEVERAL_REPOSITORIES) {
            site.publish();
            site.replicateEverywhere();
            site.publish(OTHER);
        }
    }

    /** Jenkins is down. */
    private void goOn(State state, Instant deadline) throws IOException {
        if (state == State.CONNECTING) {
            site.startProxy();
        }
        if (state == State.SEVERAL_REPOSITORIES) {
            site.replicate(OTHER, "site-a");
            site.replicate(OTHER, "site-b");
        } else if (state != State.TIMED_OUT) {
            site.publish();
            site.replicateEverywhere();
        }
        if (state.isOverdue()) {
            await().atMost(LIMIT.multipliedBy(2)).until(() -> Instant.now().isAfter(deadline));
        }
    }

    private static String pipeline(State state) {
        String parameters = "repository: 'sw.example.org', revision: 2";
        String wait =
                switch (state) {
                    case CONNECTING, SUBSCRIBED, POLLING -> "waitForCvmfsRevision " + parameters;
                    case SEVERAL_REPOSITORIES -> "waitForCvmfsRevision()";
                    case TIMED_OUT, REACHED ->
                        "waitForCvmfsRevision %s, timeout: '%ds'".formatted(parameters, LIMIT.toSeconds());
                };
        String announce = state == State.SEVERAL_REPOSITORIES
                ? "cvmfsPublishNotify repository: 'sw.example.org'\ncvmfsPublishNotify repository: 'conditions.example.org'\n"
                : "";
        return announce + "def got = " + wait + "\nfor (one in got.all) { echo \"got ${one.repository} ${one.revision}\" }";
    }

    private static void begin(JenkinsRule jenkins, SiteConfiguration configuration, State state) throws Exception {
        configuration.apply();
        if (state == State.POLLING) {
            CvmfsNotifyConfiguration.get().setServers(List.of());
        }
        WorkflowJob job = jenkins.createProject(WorkflowJob.class, "job");
        job.setDefinition(new CpsFlowDefinition(pipeline(state), true));
        WorkflowRun run = job.scheduleBuild2(0).waitForStart();
        for (String line : state.lines) {
            PipelineFixture.awaitLog(jenkins, line, run);
        }
        jenkins.assertLogNotContains("got ", run);
    }

    private static void end(JenkinsRule jenkins, State state) throws Exception {
        WorkflowRun run =
                jenkins.jenkins.getItemByFullName("job", WorkflowJob.class).getBuildByNumber(1);
        await().atMost(Duration.ofMinutes(5)).until(() -> !run.isBuilding());
        if (state == State.TIMED_OUT) {
            jenkins.assertBuildStatus(Result.FAILURE, run);
            jenkins.assertLogContains("timed out waiting for revision 2 or newer of sw.example.org", run);
        } else {
            jenkins.assertBuildStatusSuccess(run);
            jenkins.assertLogContains("got sw.example.org 2", run);
        }
        if (state == State.SEVERAL_REPOSITORIES) {
            jenkins.assertLogContains("got conditions.example.org 2", run);
        }
    }

    @ParameterizedTest
    @EnumSource(State.class)
    void itGoesOnAfterARestart(State state) throws Throwable {
        // Given
        prepare(state);
        sessions.then(jenkins -> begin(jenkins, site.configuration(), state));

        // When
        goOn(state, Instant.now().plus(LIMIT));

        // Then
        sessions.then(jenkins -> {
            end(jenkins, state);
            NothingLeftOpen.requireNoWaits();
        });
    }

    @ParameterizedTest
    @EnumSource(State.class)
    void itGoesOnAfterJenkinsWasKilled(State state) throws Throwable {
        // Given
        prepare(state);
        SiteConfiguration configuration = site.configuration();
        killed.startJenkins();
        killed.runRemotely((RealJenkinsExtension.Step) jenkins -> begin(jenkins, configuration, state));

        // When
        killed.stopJenkinsForcibly();
        goOn(state, Instant.now().plus(LIMIT));

        // Then
        killed.startJenkins();
        killed.runRemotely((RealJenkinsExtension.Step) jenkins -> end(jenkins, state));
    }
}
