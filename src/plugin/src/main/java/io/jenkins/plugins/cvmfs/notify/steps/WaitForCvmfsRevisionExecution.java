package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.Directory;
import io.jenkins.plugins.cvmfs.notify.connection.JenkinsNetwork;
import java.util.concurrent.Executor;
import org.jenkinsci.plugins.workflow.steps.StepContext;

/** Adapts a {@link RevisionWait} to Pipeline. Only the {@link WaitState} is kept across restarts. */
final class WaitForCvmfsRevisionExecution extends DetachedExecution {

    private static final long serialVersionUID = 1L;

    private final WaitState state;

    WaitForCvmfsRevisionExecution(StepContext context, WaitState state) {
        super(context);
        this.state = state;
    }

    @Override
    Executor threads(JenkinsNetwork connections) {
        return connections.waitThreads();
    }

    @Override
    Start prepare(PipelineBuild build, JenkinsNetwork connections, boolean resumed) {
        RevisionWait wait = new RevisionWait(
                state,
                new Shown(build),
                (server, known, listener) -> connections.waitFor(server, build.run(), known, listener));
        return new Start(wait, () -> {
            build.pause(wait.status());
            OpenWaits.get().add(build.run(), wait);
            Directory directory = CvmfsNotifyConfiguration.get().directory();
            if (resumed) {
                wait.resume(directory);
            } else {
                wait.begin(directory);
            }
        });
    }

    @Override
    void tidy(PipelineBuild build) {
        build.resume();
        OpenWaits.get().removeEnded(build.run());
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
