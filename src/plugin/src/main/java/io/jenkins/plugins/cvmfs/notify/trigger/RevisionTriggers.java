package io.jenkins.plugins.cvmfs.notify.trigger;

import hudson.Extension;
import hudson.ExtensionList;
import hudson.ProxyConfiguration;
import hudson.XmlFile;
import hudson.init.InitMilestone;
import hudson.model.Cause;
import hudson.model.CauseAction;
import hudson.model.Item;
import hudson.model.ItemGroup;
import hudson.model.Job;
import hudson.model.Queue;
import hudson.model.Run;
import hudson.model.Saveable;
import hudson.model.TaskListener;
import hudson.model.listeners.ItemListener;
import hudson.model.listeners.RunListener;
import hudson.model.listeners.SaveableListener;
import hudson.model.queue.QueueListener;
import hudson.security.ACL;
import hudson.security.ACLContext;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.gate.ManifestSummary;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.trust.MasterKeys;
import io.jenkins.plugins.cvmfs.notify.client.waiting.ProgressListener;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import io.jenkins.plugins.cvmfs.notify.client.waiting.WaitService;
import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.connection.JenkinsNetwork;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import java.io.File;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import jenkins.model.Jenkins;
import jenkins.model.ParameterizedJobMixIn;
import jenkins.util.Timer;
import org.jenkinsci.plugins.workflow.flow.FlowExecution;
import org.jenkinsci.plugins.workflow.flow.FlowExecutionListener;
import org.jenkinsci.plugins.workflow.flow.FlowExecutionOwner;
import org.jspecify.annotations.Nullable;

/**
 * The triggers of all jobs: starts and stops their watches, and tells them what Jenkins does with the builds. Thread-safe.
 *
 * <p>Jobs are known by their full names, because Jenkins may load a job again, or change its configuration on disk, without stopping
 * the triggers that it had before.
 */
@Extension
public final class RevisionTriggers extends ItemListener {

    private static final Logger LOGGER = Logger.getLogger(RevisionTriggers.class.getName());

    private final Map<String, Map<RepositoryName, RevisionWatch>> watches = new HashMap<>();
    private final ManifestChecks checks = new ManifestChecks(Clock.systemUTC());
    /** Those that begin when Jenkins has loaded all jobs and its queue. */
    private final List<RevisionWatch> toBegin = new ArrayList<>();

    /** The only instance, which Jenkins makes. */
    static RevisionTriggers get() {
        return ExtensionList.lookupSingleton(RevisionTriggers.class);
    }

    /** Starts the trigger of a job, in place of the one that it had. */
    void start(Job<?, ?> job, List<RevisionWatch.Parameters> parameters) {
        Map<RepositoryName, RevisionWatch> started = new HashMap<>();
        for (RevisionWatch.Parameters each : parameters) {
            started.put(each.repository(), new RevisionWatch(each, new JenkinsHost(job, each), Clock.systemUTC()));
        }
        boolean isLoaded = Jenkins.get().getInitLevel() == InitMilestone.COMPLETED;
        Map<RepositoryName, RevisionWatch> previous;
        synchronized (this) {
            previous = watches.put(job.getFullName(), started);
            if (!isLoaded) {
                toBegin.addAll(started.values());
            }
        }
        stopAll(previous);
        if (isLoaded) {
            started.values().forEach(RevisionWatch::begin);
        }
    }

    /** Stops the trigger of a job, if it has one. What is known of the repositories stays in the job's folder. */
    void stop(String job) {
        Map<RepositoryName, RevisionWatch> previous;
        synchronized (this) {
            previous = watches.remove(job);
            if (previous != null) {
                toBegin.removeAll(previous.values());
            }
        }
        stopAll(previous);
    }

    private static void stopAll(@Nullable Map<RepositoryName, RevisionWatch> stopped) {
        if (stopped != null) {
            stopped.values().forEach(RevisionWatch::stop);
        }
    }

    /** Returns the revision to build instead of that of the cause, whose build leaves the queue; empty for that one. */
    Optional<ManifestSummary> leavesQueue(String job, CvmfsRevisionCause cause) {
        return watch(job, cause).flatMap(watch -> watch.leavesQueue(cause.found()));
    }

    private synchronized Optional<RevisionWatch> watch(String job, CvmfsRevisionCause cause) {
        return Optional.ofNullable(watches.get(job)).map(ofJob -> ofJob.get(new RepositoryName(cause.getRepository())));
    }

    /** @param folder a prefix of the full names of the jobs that it concerns */
    private void configurationChanged(String folder, boolean reconnect) {
        List<RevisionWatch> all;
        synchronized (this) {
            all = watches.entrySet().stream()
                    .filter(ofJob -> ofJob.getKey().startsWith(folder))
                    .map(ofJob -> ofJob.getValue().values())
                    .flatMap(Collection::stream)
                    .toList();
        }
        checks.forget();
        all.forEach(watch -> watch.configurationChanged(reconnect));
    }

    @Override
    public void onLoaded() {
        List<RevisionWatch> loaded;
        synchronized (this) {
            loaded = List.copyOf(toBegin);
            toBegin.clear();
        }
        loaded.forEach(RevisionWatch::begin);
    }

    @Override
    public void onDeleted(Item item) {
        stop(item.getFullName());
    }

    @Override
    public void onLocationChanged(Item item, String oldFullName, String newFullName) {
        Map<RepositoryName, RevisionWatch> moved;
        boolean isReplaced;
        synchronized (this) {
            moved = watches.remove(oldFullName);
            // A job that moves to another folder has started its trigger there already.
            isReplaced = moved != null && watches.putIfAbsent(newFullName, moved) != null;
        }
        if (isReplaced) {
            stopAll(moved);
        } else if (moved != null) {
            // Another folder may have other servers.
            moved.values().forEach(watch -> watch.configurationChanged(false));
        }
    }

    @Override
    public void onBeforeShutdown() {
        List<String> jobs;
        synchronized (this) {
            jobs = List.copyOf(watches.keySet());
        }
        jobs.forEach(this::stop);
    }

    /** Tells the watches which builds have started. */
    @Extension
    @SuppressWarnings("rawtypes") // The class above takes raw ones only.
    public static final class Builds extends RunListener<Run> {

        @Override
        public void onStarted(Run build, TaskListener listener) {
            Run<?, ?> run = build;
            if (CvmfsRevisionCause.of(run).isEmpty()) {
                return;
            }
            try {
                // The revision is handled from now on, so the build must not be lost.
                run.save();
            } catch (IOException e) {
                LOGGER.log(Level.WARNING, e, () -> "cannot save " + run);
            }
            if (hasBegun(run)) {
                started(run);
            }
        }

        /** A pipeline that cannot begin, because its script is wrong for example, has had its build too. */
        @Override
        public void onCompleted(Run build, TaskListener listener) {
            started(build);
        }
    }

    /** Tells the watches which pipelines go on after a restart: until they have begun, a Jenkins that is killed forgets them. */
    @Extension
    public static final class Pipelines extends FlowExecutionListener {

        @Override
        public void onRunning(FlowExecution execution) {
            try {
                if (execution.getOwner().getExecutable() instanceof Run<?, ?> run) {
                    started(run);
                }
            } catch (IOException e) {
                // It is told again when the build has ended.
                LOGGER.log(Level.WARNING, e, () -> "cannot load the build of " + execution);
            }
        }
    }

    private static void started(Run<?, ?> run) {
        RevisionTriggers triggers = get();
        for (CvmfsRevisionCause cause : CvmfsRevisionCause.of(run)) {
            triggers.watch(run.getParent().getFullName(), cause).ifPresent(watch -> watch.started(cause.found()));
        }
    }

    private static boolean hasBegun(Run<?, ?> run) {
        if (!(run instanceof FlowExecutionOwner.Executable pipeline)) {
            return true;
        }
        FlowExecutionOwner owner = pipeline.asFlowExecutionOwner();
        return owner != null && owner.getOrNull() != null;
    }

    /** Tells the watches which builds were removed from the queue. */
    @Extension
    public static final class Cancellations extends QueueListener {

        @Override
        public void onLeft(Queue.LeftItem left) {
            if (left.isCancelled() && left.task instanceof Job<?, ?> job) {
                // A job that is disabled loses its queue too; its revisions are built when it is enabled again.
                boolean byUser = job.isBuildable();
                RevisionTriggers triggers = get();
                CvmfsRevisionCause.in(left.getCauses())
                        .forEach(cause -> triggers.watch(job.getFullName(), cause)
                                .ifPresent(watch -> watch.removed(cause.found(), byUser)));
            }
        }
    }

    /** Tells the watches that the configuration of Jenkins or of a folder has changed. */
    @Extension
    public static final class Changes extends SaveableListener {

        @Override
        public void onChange(Saveable saved, XmlFile file) {
            if (saved instanceof CvmfsNotifyConfiguration) {
                get().configurationChanged("", false);
            } else if (saved instanceof ProxyConfiguration) {
                get().configurationChanged("", true);
            } else if (saved instanceof ItemGroup<?> && saved instanceof Item folder) {
                get().configurationChanged(folder.getFullName() + "/", false);
            }
        }
    }

    /** One repository of one job. */
    private final class JenkinsHost implements RevisionWatch.Host {

        private static final int BUILDS_TO_SEARCH = 100;

        private final Job<?, ?> job;
        private final RevisionWatch.Parameters parameters;

        JenkinsHost(Job<?, ?> job, RevisionWatch.Parameters parameters) {
            this.job = job;
            this.parameters = parameters;
        }

        /** In the job's folder, which Jenkins moves and deletes with the job. */
        private File file() {
            File folder = new File(job.getRootDir(), "cvmfs-revisions");
            return new File(folder, parameters.repository() + ".xml");
        }

        @Override
        public Optional<KnownRevisions> load() {
            File file = file();
            try {
                return file.exists() && new XmlFile(file).read() instanceof SavedRevisions saved
                        ? Optional.of(saved.known())
                        : Optional.empty();
            } catch (IOException | RuntimeException e) {
                LOGGER.log(Level.WARNING, e, () -> "cannot read " + file);
                return Optional.empty();
            }
        }

        @Override
        public void save(KnownRevisions known) {
            if (!job.getRootDir().isDirectory()) {
                // The job was deleted.
                return;
            }
            File file = file();
            try {
                new XmlFile(file).write(new SavedRevisions(known));
            } catch (IOException e) {
                LOGGER.log(Level.WARNING, e, () -> "cannot write " + file);
            }
        }

        @Override
        public ConfiguredSites sites() {
            return CvmfsNotifyConfiguration.get().sites(job);
        }

        @Override
        public Wait open(Optional<ServerSettings> server, GateSnapshot start, ProgressListener progress) {
            return JenkinsNetwork.get().waitFor(server, null, null, start, progress);
        }

        @Override
        public WaitService.@Nullable Listening listen(ServerSettings server, Consumer<ActivityMessage> listener) {
            return JenkinsNetwork.get()
                    .listen(server, parameters.repository(), listener)
                    .orElse(null);
        }

        @Override
        public void verify(Replica replica, ManifestSummary expected, MasterKeys keys, byte @Nullable [] announced) {
            ManifestChecks.Question question = new ManifestChecks.Question(
                    parameters.repository(), RepositoryLocation.parse(replica.location()), expected);
            try (JenkinsNetwork.Use use = JenkinsNetwork.get().use()) {
                checks.verify(question, keys, use.reader(), announced);
            }
        }

        @Override
        public boolean isQueued() {
            return job instanceof Queue.Task task
                    && Queue.getInstance().getItems(task).stream()
                            .flatMap(item -> CvmfsRevisionCause.in(item.getCauses()))
                            .anyMatch(cause -> cause.getRepository()
                                    .equals(parameters.repository().value()));
        }

        @Override
        public boolean schedule(ManifestSummary revision) {
            if (!isPresent()) {
                stop(job.getFullName());
                return false;
            }
            Cause cause = new CvmfsRevisionCause(parameters.repository(), revision);
            return ParameterizedJobMixIn.scheduleBuild2(job, 0, new CauseAction(cause)) != null;
        }

        /** Returns false if the job or its trigger is gone: Jenkins does not report all ways to change what is on disk. */
        @SuppressWarnings("try") // The context is in force as long as it is open.
        private boolean isPresent() {
            try (ACLContext all = ACL.as2(ACL.SYSTEM2)) {
                return Jenkins.get().getItemByFullName(job.getFullName(), Job.class) == job
                        && ParameterizedJobMixIn.getTrigger(job, CvmfsRevisionTrigger.class) != null;
            }
        }

        @Override
        public List<ManifestSummary> built() {
            List<ManifestSummary> found = new ArrayList<>();
            Run<?, ?> build = job.getLastBuild();
            for (int i = 0; i < BUILDS_TO_SEARCH && build != null; i++) {
                // A build that never began, and is not beginning now, was lost when Jenkins was killed.
                if (build.getExecutor() != null || hasBegun(build)) {
                    CvmfsRevisionCause.in(build.getCauses())
                            .filter(cause -> cause.getRepository()
                                    .equals(parameters.repository().value()))
                            .map(CvmfsRevisionCause::found)
                            .forEach(found::add);
                }
                build = build.getPreviousBuild();
            }
            return found;
        }

        @Override
        public void execute(Runnable task) {
            JenkinsNetwork.get().triggerThreads().execute(task);
        }

        @Override
        public Future<?> after(Duration delay, Runnable task) {
            return Timer.get().schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
        }

        @Override
        public void problem(String text) {
            LOGGER.warning(() -> "trigger of job %s cannot watch repository %s: %s"
                    .formatted(job.getFullName(), parameters.repository(), text));
        }
    }
}
