package io.jenkins.plugins.cvmfs.notify.proxy.admission;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;

/** What one subscriber may hear of. Any thread may ask; it does not block. */
@FunctionalInterface
public interface SubscriberRights {

    /** Every repository. */
    SubscriberRights ALL = repository -> Permission.GRANTED;

    /** Whether it may subscribe to this repository: granted or denied. */
    Permission check(RepositoryName repository);
}
