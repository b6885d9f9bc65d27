package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.Network;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher.Receipt;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.PublisherSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.transport.TokenSource;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** The real network; the workspace and the threads are as the test says. */
final class ScriptedResources implements PublishRun.Resources, AutoCloseable {

    final AtomicInteger releases = new AtomicInteger();
    Function<String, byte[]> workspace = path -> {
        throw new AssertionError("there is no workspace");
    };
    Executor threads = task -> new Thread(task, "may-block").start();

    private final Network network = Network.builder().build();

    @Override
    public RepositoryReader reader() {
        return network.repositoryReader();
    }

    @Override
    public CompletableFuture<Receipt> announce(
            ServerSettings server,
            ActivityMessage message,
            Duration timeLimit,
            PublisherSettings.RetryListener retries) {
        NotificationServer to = NotificationServer.parse(server.url());
        return network.publisher(new PublisherSettings(to, TokenSource.NONE, timeLimit).withRetries(retries))
                .publish(message);
    }

    @Override
    public byte[] workspaceFile(String path) {
        return workspace.apply(path);
    }

    @Override
    public Executor threads() {
        return threads;
    }

    @Override
    public void release() {
        releases.incrementAndGet();
    }

    @Override
    public void close() {
        network.close();
    }
}
