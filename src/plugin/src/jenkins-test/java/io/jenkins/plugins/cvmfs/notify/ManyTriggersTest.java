package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import hudson.model.FreeStyleProject;
import hudson.model.Item;
import hudson.model.Queue;
import io.jenkins.plugins.cvmfs.notify.trigger.CvmfsRevisionTrigger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many triggers for one repository cost what one of them costs. */
class ManyTriggersTest extends PipelineFixture {

    private static final int JOBS = 1000;
    /** The client library's own ones, those of its HTTP and WebSocket clients, and eight for the triggers. */
    private static final int MAX_THREADS = 30;

    @AfterEach
    void deleteJobs() throws Exception {
        for (Item item : List.copyOf(jenkins.jenkins.getItems())) {
            item.delete();
        }
    }

    @Test
    void aThousandTriggersShareThreadsReadsAndASubscription() throws Exception {
        // Given a Jenkins that only queues, so that the builds need no threads either
        jenkins.jenkins.doQuietDown();
        List<FreeStyleProject> jobs = new ArrayList<>();
        for (int i = 0; i < JOBS; i++) {
            FreeStyleProject job = jenkins.createFreeStyleProject("job-" + i);
            CvmfsRevisionTrigger trigger = new CvmfsRevisionTrigger("sw.example.org");
            job.addTrigger(trigger);
            trigger.start(job, true);
            jobs.add(job);
        }
        jobs.forEach(TriggerTest::awaitFirstLook);
        int before = site.requests();

        // When
        site.publish();
        site.announce(site.manifest());

        // Then
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertThat(Queue.getInstance().getItems()).hasSize(JOBS));
        int requests = site.requests() - before;
        List<String> threads = Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("cvmfs-notify"))
                .toList();
        assertThat(requests).as("requests for one revision").isLessThan(JOBS / 4);
        assertThat(threads).as("threads of the plugin").hasSizeLessThan(MAX_THREADS);
        assertThat(site.subscribers()).isEqualTo(1);
    }
}
