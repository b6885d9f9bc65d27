package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.connection.JenkinsNetwork;
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
    void ended(PipelineBuild build) {
        // Nothing by default.
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
        JenkinsNetwork network = JenkinsNetwork.get();
        PipelineBuild build = new PipelineBuild(getContext(), network::isClosed, threads(network), this::ended);
        Work prepared = prepare(build, network, resumed);
        work = prepared;
        if (stopped) {
            prepared.stop().run();
        } else {
            build.whenAbleToBlock(() -> {
                try {
                    prepared.begin().run();
                } catch (RuntimeException | Error e) {
                    prepared.stop().run();
                    throw e;
                }
            });
        }
    }

    @Override
    public final void stop(Throwable cause) {
        stopped = true;
        Work current = work;
        Executor threads = task -> threads(JenkinsNetwork.get()).execute(task);
        new PipelineBuild(getContext(), () -> false, threads, this::ended)
                .abort(cause, current == null ? () -> {} : current.stop());
    }

    @Override
    public final String getStatus() {
        Work current = work;
        return current == null ? "resuming after a restart" : current.status().get();
    }

    /**
     * The work of a step.
     *
     * @param begin called once, where it may block
     * @param stop ends it without telling the build; may be called at any time, also before it has begun, and again; does not
     *     block
     * @param status what it is doing, for the thread dump of the build; does not block
     */
    record Work(Runnable begin, Runnable stop, Supplier<String> status) {}
}
