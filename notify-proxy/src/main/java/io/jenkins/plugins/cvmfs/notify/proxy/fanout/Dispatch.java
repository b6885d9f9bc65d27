package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

/**
 * An announcement on its way to subscribers.
 *
 * @param sequence its place in the order in which this proxy's log delivered, from 1. Unlike log positions, sequences can
 *     always be compared, also after the log was replaced while the proxy ran
 */
record Dispatch(long sequence, Announcement announcement) {}
