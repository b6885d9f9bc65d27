package io.jenkins.plugins.cvmfs.notify.proxy.demo;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;
import io.jenkins.plugins.cvmfs.notify.client.trust.Verdict;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A subscriber that believes nothing it has not verified. */
final class Listener implements SubscriptionListener {

    private final Timeline timeline;
    private final Function<ActivityMessage, Verdict> verifier;
    private final CompletableFuture<RepositoryName> subscribed = new CompletableFuture<>();
    private final CompletableFuture<Revision> heard = new CompletableFuture<>();

    Listener(Timeline timeline, Function<ActivityMessage, Verdict> verifier) {
        this.timeline = timeline;
        this.verifier = verifier;
    }

    /** Completes when the server has been told, and the timeline says so. */
    CompletableFuture<RepositoryName> subscribed() {
        return subscribed;
    }

    /** Completes with the first revision that was heard and verified. */
    CompletableFuture<Revision> heard() {
        return heard;
    }

    @Override
    public void connected(SubscriptionListener.Connection connection) {
        timeline.says("listener", "is connected to %s".formatted(connection.url()));
    }

    @Override
    public void subscribed(RepositoryName repository) {
        timeline.says("listener", "is subscribed to %s".formatted(repository));
        subscribed.complete(repository);
    }

    @Override
    public void activity(ActivityMessage message) {
        timeline.says("listener", "hears of %s".formatted(message));
        Verdict verdict = verifier.apply(message);
        if (verdict instanceof Verdict.Trusted trusted) {
            timeline.says("listener", "has verified it: signed by %s".formatted(trusted.signer()));
            heard.complete(message.revision());
        } else if (verdict instanceof Verdict.Rejected rejected) {
            timeline.says("listener", "does not believe it: %s".formatted(rejected.explanation()));
        }
    }

    @Override
    public void disconnected(NotifyException cause, Duration retryIn) {
        timeline.says("listener", "lost its connection: %s".formatted(cause.getMessage()));
    }
}
