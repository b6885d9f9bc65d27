package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriptionListener;

/** Makes the subscriber that all gates with the same server share. */
@FunctionalInterface
public interface SubscriberOpener {

    /**
     * Makes it, without blocking; whoever calls closes it.
     *
     * @throws NotifyException if the settings do not do; the gates then only read the replicas
     */
    NotificationSubscriber open(SubscriberSettings settings, SubscriptionListener listener);
}
