package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.connection.JenkinsNetwork;
import java.util.concurrent.Executor;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.jspecify.annotations.Nullable;

/**
 * What both steps are to Pipeline: begun off its threads, gone on with after a restart, stopped at any time. What is under way is
 * not kept across restarts; what a subclass keeps is.
 */
abstract class DetachedExecution extends StepExecution {

    private static final long serialVersionUID = 1L;

    private transient volatile @Nullable StepInProgress inProgress;
    private transient volatile boolean stopped;

    DetachedExecution(StepContext context) {
        super(context);
    }

    /** Where the step may block. */
    abstract Executor threads(JenkinsNetwork connections);

    /**
     * Makes what is to be under way, without blocking.
     *
     * @param resumed whether it goes on after a restart
     */
    abstract Start prepare(PipelineBuild build, JenkinsNetwork connections, boolean resumed);

    /** What is left to do for a build whose step was aborted. May block. */
    void tidy(PipelineBuild build) {
        // Nothing, unless there is something to show no longer.
    }

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
        JenkinsNetwork connections = JenkinsNetwork.get();
        PipelineBuild build = new PipelineBuild(getContext(), connections::isClosed, threads(connections));
        Start start = prepare(build, connections, resumed);
        StepInProgress step = start.step();
        inProgress = step;
        if (stopped) {
            step.stop();
        } else {
            build.whenAbleToBlock(() -> {
                try {
                    start.beginning().run();
                } catch (RuntimeException | Error e) {
                    step.stop();
                    throw e;
                }
            });
        }
    }

    @Override
    public final void stop(Throwable cause) {
        stopped = true;
        StepInProgress current = inProgress;
        PipelineBuild build = new PipelineBuild(
                getContext(), () -> false, task -> threads(JenkinsNetwork.get()).execute(task));
        build.abort(cause, current == null ? () -> {} : current::stop, () -> tidy(build));
    }

    @Override
    public final String getStatus() {
        StepInProgress current = inProgress;
        return current == null ? "about to go on after a restart" : current.status();
    }

    /**
     * A step and how it begins.
     *
     * @param beginning run where it may block
     */
    record Start(StepInProgress step, Runnable beginning) {}
}
