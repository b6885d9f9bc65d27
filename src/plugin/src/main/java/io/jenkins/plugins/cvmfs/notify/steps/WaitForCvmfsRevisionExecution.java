package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.Directory;
import io.jenkins.plugins.cvmfs.notify.connection.Connections;
import java.util.function.BiConsumer;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.jspecify.annotations.Nullable;

/** Adapts a {@link RevisionWait} to Pipeline. Only the {@link WaitState} is kept across restarts. */
final class WaitForCvmfsRevisionExecution extends StepExecution {

    private static final long serialVersionUID = 1L;

    private final WaitState state;
    private transient volatile @Nullable RevisionWait wait;

    WaitForCvmfsRevisionExecution(StepContext context, WaitState state) {
        super(context);
        this.state = state;
    }

    @Override
    public boolean start() {
        begin(RevisionWait::begin);
        return false;
    }

    @Override
    public void onResume() {
        begin(RevisionWait::resume);
    }

    private void begin(BiConsumer<RevisionWait, Directory> how) {
        Connections connections = Connections.get();
        PipelineBuild build = new PipelineBuild(getContext(), connections, connections.waitThreads());
        RevisionWait begun = new RevisionWait(
                state,
                new Shown(build),
                (server, known, listener) -> connections.waitFor(server, build.run(), known, listener));
        wait = begun;
        build.whenAbleToBlock(() -> {
            build.pause(getStatus());
            OpenWaits.get().add(build.run(), begun);
            how.accept(begun, CvmfsNotifyConfiguration.get().directory());
        });
    }

    @Override
    public void stop(Throwable cause) {
        RevisionWait current = wait;
        if (current != null) {
            current.stop();
        }
        Connections connections = Connections.get();
        PipelineBuild build = new PipelineBuild(getContext(), connections, connections.waitThreads());
        build.whenAbleToBlock(() -> {
            build.resume();
            OpenWaits.get().removeEnded(build.run());
        });
        getContext().onFailure(cause);
    }

    @Override
    public String getStatus() {
        RevisionWait current = wait;
        return current == null ? "about to go on after a restart" : current.status();
    }

    /** The build, whose page shows the wait until it ends. */
    private record Shown(PipelineBuild build) implements BuildSide {

        @Override
        public void log(String line) {
            build.log(line);
        }

        @Override
        public void save() {
            build.save();
        }

        @Override
        public void end(Ending ending) {
            try {
                build.end(ending);
            } finally {
                OpenWaits.get().removeEnded(build.run());
            }
        }
    }
}
