package io.jenkins.plugins.cvmfs.notify.steps;

import hudson.Extension;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.model.listeners.RunListener;
import io.jenkins.plugins.cvmfs.notify.connection.JenkinsNetwork;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.jspecify.annotations.Nullable;

/**
 * The common part of both executions: started on threads that may block, resumed after a restart, stopped at any time. A
 * running build saves only what a subclass holds in fields that are not transient; it also saves the name of this class.
 */
abstract class DetachedExecution extends StepExecution {

    private static final long serialVersionUID = 1L;

    /** The steps that run in this process, by the id of their build. */
    private static final Map<String, Set<DetachedExecution>> RUNNING = new ConcurrentHashMap<>();

    private transient @Nullable PipelineBuild build;
    private transient volatile @Nullable Work work;
    private transient volatile boolean stopped;

    DetachedExecution(StepContext context) {
        super(context);
    }

    /** Where the step may block. */
    abstract Executor threads(JenkinsNetwork network);

    /**
     * Returns what the step does. Does not block.
     *
     * @param resumed true after a restart
     */
    abstract Work prepare(PipelineBuild build, JenkinsNetwork network, boolean resumed);

    /** Cleans up after the step has ended, in any way. May block. */
    abstract void ended(PipelineBuild build);

    @Override
    public final boolean start() {
        begin(false);
        return false;
    }

    @Override
    public final void onResume() {
        begin(true);
    }

    private void begin(boolean resumed) {
        PipelineBuild build = build();
        Work prepared = prepare(build, JenkinsNetwork.get(), resumed);
        work = prepared;
        if (stopped) {
            prepared.stop().run();
        } else {
            build.whenAbleToBlock(prepared.pause(), () -> {
                try {
                    RUNNING.computeIfAbsent(id(build.run()), id -> ConcurrentHashMap.newKeySet())
                            .add(this);
                    prepared.begin().run();
                } catch (RuntimeException | Error e) {
                    prepared.stop().run();
                    throw e;
                }
            });
        }
    }

    /** The same one for the start and an abort, which may come at any time. */
    private synchronized PipelineBuild build() {
        PipelineBuild known = build;
        if (known == null) {
            known = new PipelineBuild(
                    getContext(),
                    () -> JenkinsNetwork.get().isClosed(),
                    task -> threads(JenkinsNetwork.get()).execute(task),
                    this::cleanUp);
            build = known;
        }
        return known;
    }

    private static String id(Run<?, ?> build) {
        return build.getParent().getFullName() + "#" + build.getNumber();
    }

    private void cleanUp(PipelineBuild build) {
        RUNNING.computeIfPresent(id(build.run()), (id, steps) -> {
            steps.remove(this);
            return steps.isEmpty() ? null : steps;
        });
        ended(build);
    }

    /** Stops the steps that Pipeline left behind: it does not stop those of a build that is killed, or cannot be saved. */
    @Extension
    @SuppressWarnings("rawtypes") // The class above takes raw ones only.
    public static final class Leftovers extends RunListener<Run> {

        @Override
        public void onCompleted(Run build, TaskListener listener) {
            Run<?, ?> run = build;
            Set<DetachedExecution> left = RUNNING.remove(id(run));
            if (left != null) {
                left.forEach(DetachedExecution::leave);
            }
        }
    }

    private void leave() {
        stopped = true;
        Work current = work;
        if (current != null) {
            current.stop().run();
        }
        build().leave();
    }

    @Override
    public final void stop(Throwable cause) {
        stopped = true;
        Work current = work;
        build().abort(cause, null, current == null ? () -> {} : current.stop());
    }

    @Override
    public final String getStatus() {
        Work current = work;
        return current == null ? "resuming after a restart" : current.status().get();
    }

    /**
     * The work of a step.
     *
     * @param pause the reason for showing the step as paused; null to show no pause
     * @param begin called once, where it may block
     * @param stop ends it without telling the build; may be called at any time, also before it has begun, and again; does not
     *     block
     * @param status what it is doing, for the thread dump of the build; does not block
     */
    record Work(@Nullable String pause, Runnable begin, Runnable stop, Supplier<String> status) {}
}
