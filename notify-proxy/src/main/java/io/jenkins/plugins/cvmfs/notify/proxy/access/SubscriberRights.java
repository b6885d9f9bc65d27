package io.jenkins.plugins.cvmfs.notify.proxy.access;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;

/** What one subscriber may hear of. Any thread may ask; it does not block. */
@FunctionalInterface
public interface SubscriberRights {

    /**
     * On whose account a repository's name is kept as long as nobody has announced it; only if it may subscribe to it. By default
     * that of subscribers with credentials.
     */
    default NameHolder holder(RepositoryName repository) {
        return NameHolder.WITH_CREDENTIALS;
    }

    /** Whether it may subscribe to this repository: granted or denied. */
    Permission check(RepositoryName repository);
}
