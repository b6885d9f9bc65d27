package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import hudson.model.Descriptor;
import hudson.model.FreeStyleProject;
import hudson.model.Item;
import hudson.model.Job;
import hudson.model.JobProperty;
import hudson.model.Queue;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.util.FormValidation;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import io.jenkins.plugins.cvmfs.notify.connection.NothingLeftOpen;
import io.jenkins.plugins.cvmfs.notify.trigger.CvmfsRevisionCause;
import io.jenkins.plugins.cvmfs.notify.trigger.CvmfsRevisionTrigger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import jenkins.branch.BranchSource;
import jenkins.scm.impl.SingleSCMSource;
import net.sf.json.JSONObject;
import org.jenkinsci.plugins.workflow.cps.Snippetizer;
import org.jenkinsci.plugins.workflow.job.WorkflowJob;
import org.jenkinsci.plugins.workflow.job.WorkflowRun;
import org.jenkinsci.plugins.workflow.job.properties.PipelineTriggersJobProperty;
import org.jenkinsci.plugins.workflow.multibranch.JobPropertyStep;
import org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.jvnet.hudson.test.JenkinsRule;
import org.jvnet.hudson.test.SingleFileSCM;
import org.kohsuke.stapler.StaplerRequest2;

/** The trigger in each kind of job, from a publish to the build. */
class TriggerTest extends PipelineFixture {

    private static final String DECLARATIVE =
            """
            pipeline {
              agent none
              triggers { cvmfsRevision('sw.example.org') }
              stages {
                stage('Test') {
                  when { triggeredBy 'CvmfsRevisionCause' }
                  steps {
                    echo "testing $CVMFS_REPOSITORY revision $CVMFS_REVISION with root catalog $CVMFS_ROOT_HASH"
                    echo "cause: ${currentBuild.buildCauses[0].repository} ${currentBuild.buildCauses[0].revision} ${currentBuild.buildCauses[0].rootHash}"
                    waitForCvmfsRevision()
                  }
                }
              }
            }
            """;

    @AfterEach
    void deleteJobs() throws Exception {
        for (Item item : List.copyOf(jenkins.jenkins.getItems())) {
            item.delete();
        }
    }

    private void publishAndAnnounce() {
        site.publish();
        site.announce(site.manifest());
    }

    /** Waits until the trigger has looked at the repository for the first time. */
    static void awaitFirstLook(Job<?, ?> job) {
        awaitKnown(job, "<handled>");
    }

    static void awaitHandled(Job<?, ?> job, long revision) {
        awaitKnown(job, handled(revision));
    }

    private static String handled(long revision) {
        return "<handled>\\s*<revision>%d</revision>".formatted(revision);
    }

    static boolean isHandled(Job<?, ?> job, long revision) throws IOException {
        return Pattern.compile(handled(revision))
                .matcher(Files.readString(known(job)))
                .find();
    }

    private static Path known(Job<?, ?> job) {
        return job.getRootDir().toPath().resolve("cvmfs-revisions/sw.example.org.xml");
    }

    static void awaitPending(Job<?, ?> job, long revision) {
        awaitKnown(job, "<pending>[^/]*<revision>%d</revision>".formatted(revision));
    }

    private static void awaitKnown(Job<?, ?> job, String pattern) {
        // A trigger that builds at most once a minute may have just built.
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertThat(known(job)).content().containsPattern(pattern));
    }

    static <R extends Run<?, R>> R awaitBuild(Job<?, R> job, int number) {
        // A job that could not be built is tried again after a minute.
        return await().atMost(Duration.ofMinutes(2)).until(() -> job.getBuildByNumber(number), build -> build != null);
    }

    private <R extends Run<?, R>> R finished(Job<?, R> job, int number) throws Exception {
        R build = awaitBuild(job, number);
        jenkins.waitForCompletion(build);
        return jenkins.assertBuildStatusSuccess(build);
    }

    @Test
    void aDeclarativePipelineIsBuiltForANewRevisionAndKnowsIt() throws Exception {
        // Given
        WorkflowJob job = job(DECLARATIVE);
        WorkflowRun first = jenkins.buildAndAssertSuccess(job);
        awaitFirstLook(job);

        // When
        publishAndAnnounce();
        site.replicateEverywhere();

        // Then
        WorkflowRun second = finished(job, 2);
        jenkins.assertLogNotContains("testing", first);
        jenkins.assertLogContains("Started by revision 2 of sw.example.org", second);
        jenkins.assertLogContains(
                "testing sw.example.org revision 2 with root catalog " + site.rootHash(), second);
        jenkins.assertLogContains("cause: sw.example.org 2 " + site.rootHash(), second);
        jenkins.assertLogContains(
                "waiting for the revision that started this build: sw.example.org revision 2", second);
        try (JenkinsRule.WebClient client = jenkins.createWebClient()) {
            assertThat(client.getPage(second).asNormalizedText())
                    .contains("Started by revision 2 of sw.example.org", "root hash " + site.rootHash());
        }
    }

    @Test
    void aJobThatIsRenamedOrDisabledForAWhileMissesNothing() throws Exception {
        // Given
        FreeStyleProject job = jenkins.createFreeStyleProject("before");
        watch(job, new CvmfsRevisionTrigger("sw.example.org"));
        job.renameTo("after");
        job.makeDisabled(true);
        publishAndAnnounce();
        awaitPending(job, 2);

        // When
        job.makeDisabled(false);

        // Then
        assertThat(CvmfsRevisionCause.of(finished(job, 1)))
                .extracting(CvmfsRevisionCause::getRevision)
                .containsExactly(2L);
    }

    @Test
    void savingAJobStartsNoBuildAndADeletedJobWatchesNothing() throws Exception {
        // Given
        FreeStyleProject job = jenkins.createFreeStyleProject();
        watch(job, new CvmfsRevisionTrigger("sw.example.org"));
        publishAndAnnounce();
        finished(job, 1);
        awaitHandled(job, 2);

        // When
        FreeStyleProject saved = jenkins.configRoundtrip(job);
        site.configuration().apply();
        jenkins.waitUntilNoActivity();

        // Then
        assertThat(saved.getLastBuild().getNumber()).isEqualTo(1);
        job.delete();
        NothingLeftOpen.requireNoWaits();
        assertThat(job.getRootDir()).doesNotExist();
    }

    @Test
    void aServerThatTellsTheLastRevisionAgainStartsNoSecondBuild() throws Exception {
        // Given
        FreeStyleProject job = jenkins.createFreeStyleProject();
        watch(job, new CvmfsRevisionTrigger("sw.example.org"));
        publishAndAnnounce();
        finished(job, 1);
        awaitHandled(job, 2);

        // When
        site.stopProxy();
        site.startProxy();
        await().atMost(Duration.ofMinutes(2)).until(() -> site.subscribers() == 1);
        publishAndAnnounce();

        // Then
        assertThat(CvmfsRevisionCause.of(finished(job, 2)))
                .extracting(CvmfsRevisionCause::getRevision)
                .containsExactly(3L);
        awaitHandled(job, 3);
        jenkins.waitUntilNoActivity();
        assertThat(job.getLastBuild().getNumber()).isEqualTo(2);
    }

    @Test
    void aBuildThatAUserRemovesFromTheQueueIsNotAddedAgain() throws Exception {
        // Given
        FreeStyleProject job = jenkins.createFreeStyleProject();
        watch(job, new CvmfsRevisionTrigger("sw.example.org"));
        jenkins.jenkins.doQuietDown();
        publishAndAnnounce();
        await().until(() -> Queue.getInstance().getItem(job) != null);

        // When
        Queue.getInstance().cancel(job);

        // Then
        awaitHandled(job, 2);
        jenkins.jenkins.doCancelQuietDown();
        assertThat(Queue.getInstance().getItem(job)).isNull();
    }

    @Test
    void theGeneratorWritesWhatIsSet() throws Exception {
        CvmfsRevisionTrigger plain = new CvmfsRevisionTrigger("sw.example.org");
        CvmfsRevisionTrigger full = new CvmfsRevisionTrigger("sw.example.org");
        full.setReplicas(List.of("site-a"));
        full.setRequire("any");
        full.setMaxRate("4/hour");
        full.setEveryRevision(true);

        assertThat(generated(plain)).isEqualTo("properties([pipelineTriggers([cvmfsRevision('sw.example.org')])])");
        assertThat(generated(full))
                .isEqualTo("properties([pipelineTriggers([cvmfsRevision(everyRevision: true, maxRate: '4/hour',"
                        + " replicas: ['site-a'], repository: 'sw.example.org', require: 'any')])])");
    }

    private static String generated(CvmfsRevisionTrigger trigger) {
        JobProperty<?> triggers = new PipelineTriggersJobProperty(List.of(trigger));
        return Snippetizer.object2Groovy(new JobPropertyStep(List.of(triggers)));
    }

    @Test
    void theFormSaysWhatIsWrong() {
        CvmfsRevisionTrigger.DescriptorImpl form =
                jenkins.jenkins.getDescriptorByType(CvmfsRevisionTrigger.DescriptorImpl.class);

        assertThat(form.doCheckRepository(null, "sw.example.org").kind).isEqualTo(FormValidation.Kind.OK);
        assertThat(form.doCheckRepository(null, "sw/example").kind).isEqualTo(FormValidation.Kind.ERROR);
        assertThat(form.doCheckRepository(null, "other.example.org").kind).isEqualTo(FormValidation.Kind.WARNING);
        assertThat(form.doCheckReplicas(null, "site-a, site-z", "sw.example.org").getMessage())
                .contains("site-z");
        assertThat(form.doCheckRequire(null, "3", "", "sw.example.org").getMessage()).contains("exceeds");
        assertThat(form.doCheckQuietPeriod(null, "soon").kind).isEqualTo(FormValidation.Kind.ERROR);
        assertThat(form.doCheckMaxRate(null, "often").kind).isEqualTo(FormValidation.Kind.ERROR);
        assertThat(form.doCheckServer(null, "", "sw.example.org").kind).isEqualTo(FormValidation.Kind.OK);
        assertThatThrownBy(() -> form.newInstance((StaplerRequest2) null, JSONObject.fromObject("{repository: 'a b', maxRate: 'often'}")))
                .isInstanceOf(Descriptor.FormException.class);
    }

    @Test
    void theCommaThatTheCompletionOfTheFieldLeavesIsNotKept() throws Exception {
        // Given
        CvmfsRevisionTrigger.DescriptorImpl form =
                jenkins.jenkins.getDescriptorByType(CvmfsRevisionTrigger.DescriptorImpl.class);

        // When
        CvmfsRevisionTrigger trigger = (CvmfsRevisionTrigger) form.newInstance(
                (StaplerRequest2) null, JSONObject.fromObject("{repository: 'sw.example.org, data.example.org, '}"));

        // Then
        assertThat(trigger.getRepository()).isEqualTo("sw.example.org, data.example.org");
    }

    private static void watch(FreeStyleProject job, CvmfsRevisionTrigger trigger) throws Exception {
        job.addTrigger(trigger);
        trigger.start(job, true);
        awaitFirstLook(job);
    }

    @Test
    void aScriptedPipelineIsBuiltOnceForEachOfTwoRevisions() throws Exception {
        // Given
        WorkflowJob job = job("properties([pipelineTriggers([cvmfsRevision('sw.example.org')])])");
        jenkins.buildAndAssertSuccess(job);
        awaitFirstLook(job);

        // When
        publishAndAnnounce();
        finished(job, 2);
        publishAndAnnounce();

        // Then
        WorkflowRun third = finished(job, 3);
        assertThat(CvmfsRevisionCause.of(third))
                .extracting(CvmfsRevisionCause::getRevision)
                .containsExactly(3L);
        jenkins.waitUntilNoActivity();
        assertThat(job.getLastBuild().getNumber()).isEqualTo(3);
    }

    @Test
    void aFreestyleJobIsBuiltByPollingWithoutAServer() throws Exception {
        // Given
        ServerEntry polled = new ServerEntry("main", site.proxyUrl());
        polled.setTransport("poll");
        site.configuration().apply(polled);
        FreeStyleProject job = jenkins.createFreeStyleProject();
        CvmfsRevisionTrigger trigger = new CvmfsRevisionTrigger("sw.example.org");
        trigger.setRequire("all");
        watch(job, trigger);

        // When
        site.publish();
        site.replicateEverywhere();

        // Then
        var build = finished(job, 1);
        assertThat(build.getEnvironment(TaskListener.NULL))
                .containsEntry("CVMFS_REPOSITORY", "sw.example.org")
                .containsEntry("CVMFS_REVISION", "2")
                .containsEntry("CVMFS_ROOT_HASH", site.rootHash());
    }

    @Test
    void aBranchOfAMultibranchPipelineIsBuiltForANewRevision() throws Exception {
        // Given
        WorkflowMultiBranchProject project = jenkins.createProject(WorkflowMultiBranchProject.class, "branches");
        project.getSourcesList()
                .add(new BranchSource(new SingleSCMSource("main", new SingleFileSCM("Jenkinsfile", DECLARATIVE))));
        project.scheduleBuild2(0).getFuture().get();
        WorkflowJob branch = await().until(() -> project.getItem("main"), item -> item != null);
        finished(branch, 1);
        awaitFirstLook(branch);

        // When
        publishAndAnnounce();
        site.replicateEverywhere();

        // Then
        jenkins.assertLogContains("testing sw.example.org revision 2", finished(branch, 2));
    }

    @Test
    void theFormOfAFreestyleJobKeepsAllFields() throws Exception {
        // Given
        FreeStyleProject job = jenkins.createFreeStyleProject();
        CvmfsRevisionTrigger trigger = new CvmfsRevisionTrigger("sw.example.org, data.example.org");
        trigger.setReplicas(List.of("site-a", "site-b"));
        trigger.setRequire("majority");
        trigger.setQuietPeriod(30);
        trigger.setMaxRate("4/hour");
        trigger.setEveryRevision(true);
        trigger.setBuildExisting(true);
        trigger.setServer("main");
        job.addTrigger(trigger);

        // When
        FreeStyleProject saved = jenkins.configRoundtrip(job);

        // Then
        jenkins.assertEqualDataBoundBeans(trigger, saved.getTrigger(CvmfsRevisionTrigger.class));
    }
}
