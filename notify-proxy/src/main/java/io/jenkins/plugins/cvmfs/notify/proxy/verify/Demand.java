package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.trust.ManifestVerifier;

/**
 * What the messages of one repository are held against.
 *
 * @param stratum0 where its whitelist and certificates are
 * @param allowRollback whether a revision may be lower than one that was verified before
 */
record Demand(
        RepositoryName repository, ManifestVerifier verifier, RepositoryLocation stratum0, boolean allowRollback) {}
