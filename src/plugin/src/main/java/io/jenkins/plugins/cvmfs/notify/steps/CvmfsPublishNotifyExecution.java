package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.TransientFailureException;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher;
import io.jenkins.plugins.cvmfs.notify.client.transport.PublisherSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.connection.JenkinsNetwork;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jspecify.annotations.Nullable;

/** Adapts a {@link Publishing} to Pipeline. Only the {@link PublishState} is kept across restarts. */
final class CvmfsPublishNotifyExecution extends DetachedExecution {

    private static final long serialVersionUID = 1L;

    private final PublishState state;

    CvmfsPublishNotifyExecution(StepContext context, PublishState state) {
        super(context);
        this.state = state;
    }

    @Override
    Executor threads(JenkinsNetwork connections) {
        return connections.publishThreads();
    }

    @Override
    Start prepare(PipelineBuild build, JenkinsNetwork connections, boolean resumed) {
        Publishing publishing = new Publishing(state, build, new Outside(build, connections), Clock.systemUTC());
        return new Start(
                publishing,
                () -> publishing.begin(CvmfsNotifyConfiguration.get().directory()));
    }

    /** Begins to use the network when it is first needed. */
    private static final class Outside implements PublishOutside {

        private final PipelineBuild build;
        private final JenkinsNetwork connections;
        private JenkinsNetwork.@Nullable Use network;
        private boolean released;

        private Outside(PipelineBuild build, JenkinsNetwork connections) {
            this.build = build;
            this.connections = connections;
        }

        /** May block, and holds no lock meanwhile: to stop the step must not block. */
        private JenkinsNetwork.Use network() {
            JenkinsNetwork.Use inUse = inUse();
            return inUse == null ? keep(connections.use()) : inUse;
        }

        private synchronized JenkinsNetwork.@Nullable Use inUse() {
            if (released) {
                throw new TransientFailureException("the step is over");
            }
            return network;
        }

        private synchronized JenkinsNetwork.Use keep(JenkinsNetwork.Use opened) {
            if (released) {
                opened.close();
                throw new TransientFailureException("the step is over");
            }
            network = opened;
            return opened;
        }

        @Override
        public RepositoryReader reader() {
            return network().reader();
        }

        @Override
        public NotificationPublisher publisher(
                ServerSettings server, Duration timeLimit, PublisherSettings.RetryListener retries) {
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
