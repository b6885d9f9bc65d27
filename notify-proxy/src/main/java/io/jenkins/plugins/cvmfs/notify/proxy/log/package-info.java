/**
 * The activity log: the ordered record of announcements, and the value types that flow through the proxy.
 *
 * <p>{@link io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog} is what a publish is appended to; a {@link
 * io.jenkins.plugins.cvmfs.notify.proxy.log.LogListener} receives every {@link
 * io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement} in the log's order. The package {@code rabbitmq} keeps the log in a
 * broker, the package {@code journal} in a file. This is the ground floor: it depends on no other package of the proxy.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.log;

import org.jspecify.annotations.NullMarked;
