package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.UsualTimes;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Makes the subscribers that waits share: a {@link Network}, or what a test puts in its place. */
@FunctionalInterface
public interface SubscriberFactory {

    /**
     * Makes a subscriber to one server, without blocking; the caller closes it. It connects when the first repository is subscribed.
     *
     * @param listener called on the subscriber's own thread
     * @throws NotifyException if the settings are invalid
     */
    NotificationSubscriber subscriber(SubscriberSettings settings, SubscriptionListener listener);

    /**
     * Asks the server how long revisions of a repository usually take to its replicas, without blocking. By default that is not known.
     *
     * @return may fail, or come late
     */
    default CompletableFuture<UsualTimes> usualTimes(SubscriberSettings settings, RepositoryName repository) {
        return CompletableFuture.completedFuture(new UsualTimes(List.of()));
    }
}
