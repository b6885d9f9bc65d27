package io.jenkins.plugins.cvmfs.notify.proxy.config;

/** Who may look at the status page. */
public enum PageAccess {
    /** Everyone who reaches the port. */
    EVERYONE,
    /** Whoever shows a token, or other credentials, that the proxy knows. */
    TOKEN,
    /** Nobody: there is no page. */
    NOBODY
}
