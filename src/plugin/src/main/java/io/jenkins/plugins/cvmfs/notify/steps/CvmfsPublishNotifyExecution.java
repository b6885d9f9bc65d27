package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.transport.RetryListener;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.connection.Connections;
import io.jenkins.plugins.cvmfs.notify.connection.NetworkUse;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.jspecify.annotations.Nullable;

/** Adapts a {@link Publishing} to Pipeline. Only the {@link PublishState} is kept across restarts. */
final class CvmfsPublishNotifyExecution extends StepExecution {

    private static final long serialVersionUID = 1L;

    private final PublishState state;
    private transient volatile @Nullable Publishing publishing;

    CvmfsPublishNotifyExecution(StepContext context, PublishState state) {
        super(context);
        this.state = state;
    }

    @Override
    public boolean start() {
        begin();
        return false;
    }

    @Override
    public void onResume() {
        begin();
    }

    private void begin() {
        Connections connections = Connections.get();
        PipelineBuild build = new PipelineBuild(getContext(), connections, connections.publishThreads());
        Publishing begun = new Publishing(state, build, new Outside(build, connections), Clock.systemUTC());
        publishing = begun;
        build.whenAbleToBlock(() -> begun.begin(CvmfsNotifyConfiguration.get().directory()));
    }

    @Override
    public void stop(Throwable cause) {
        Publishing current = publishing;
        if (current != null) {
            current.stop();
        }
        getContext().onFailure(cause);
    }

    @Override
    public String getStatus() {
        Publishing current = publishing;
        return current == null ? "about to go on after a restart" : current.status();
    }

    /** Begins to use the network when it is first needed. */
    private static final class Outside implements PublishOutside {

        private final PipelineBuild build;
        private final Connections connections;
        private @Nullable NetworkUse network;
        private boolean released;

        private Outside(PipelineBuild build, Connections connections) {
            this.build = build;
            this.connections = connections;
        }

        private synchronized NetworkUse network() {
            if (released) {
                throw new TransientFailureException("the step is over");
            }
            if (network == null) {
                network = connections.use();
            }
            return network;
        }

        @Override
        public RepositoryReader reader() {
            return network().reader();
        }

        @Override
        public NotificationPublisher publisher(ServerSettings server, Duration timeLimit, RetryListener retries) {
            return network().publisher(server, build.run(), timeLimit, retries);
        }

        @Override
        public byte[] workspaceFile(String path) {
            return build.workspaceFile(path);
        }

        @Override
        public Executor threads() {
            return connections.publishThreads();
        }

        @Override
        public synchronized void release() {
            released = true;
            if (network != null) {
                network.close();
            }
        }
    }
}
