package io.jenkins.plugins.cvmfs.notify.proxy.config;

/** Who may look at the status page. */
public enum PageAccess {
    /** Everyone who reaches the port. */
    EVERYONE,
    /** Nobody: there is no page. */
    NOBODY
}
