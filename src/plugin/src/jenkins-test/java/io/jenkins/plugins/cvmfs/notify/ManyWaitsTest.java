package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.connection.NothingLeftOpen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.junit.jupiter.api.Test;

/** Many waits for one repository, in many builds, cost what one of them costs. */
class ManyWaitsTest extends PipelineFixture {

    private static final int BUILDS = 100;
    private static final int WAITS = 1000;
    private static final String PIPELINE = """
            def branches = [:]
            for (int i = 0; i < %d; i++) {
              branches['wait-' + i] = {
                waitForCvmfsRevision repository: 'sw.example.org', revision: 2, timeout: '2h'
              }
            }
            parallel branches
            """.formatted(WAITS / BUILDS);
    /** The client library's own ones, those of its HTTP and WebSocket clients, and eight for the starts and ends of waits. */
    private static final int MAX_THREADS = 30;

    @Test
    void aThousandWaitsShareThreadsReadsAndASubscription() throws Exception {
        // Given
        WorkflowJob job = job(PIPELINE);
        List<WorkflowRun> runs = new ArrayList<>();
        for (int i = 0; i < BUILDS; i++) {
            runs.add(job.scheduleBuild2(0).waitForStart());
        }
        await().atMost(Duration.ofMinutes(10))
                .untilAsserted(() -> assertThat(NothingLeftOpen.waits()).isEqualTo(WAITS));
        awaitLog("site-b serves revision 1", runs.get(BUILDS - 1));
        List<String> threads = Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .toList();
        int subscribers = site.subscribers();
        int before = site.requests();

        // When
        site.publish();
        site.replicateEverywhere();
        site.announce(site.manifest());

        // Then
        await().atMost(Duration.ofMinutes(10)).until(() -> runs.stream().noneMatch(WorkflowRun::isBuilding));
        int requests = site.requests() - before;
        for (WorkflowRun run : runs) {
            jenkins.assertBuildStatusSuccess(run);
        }
        assertThat(requests).as("requests for one revision").isLessThan(WAITS / 4);
        assertThat(threads)
                .as("threads of Jenkins while the builds wait")
                .hasSizeLessThan(WAITS / 2)
                .filteredOn(name -> name.startsWith("cvmfs-notify"))
                .as("those of the plugin")
                .hasSizeLessThan(MAX_THREADS);
        assertThat(subscribers).isEqualTo(1);
    }
}
