/**
 * What may enter the log: the shape of a message, how much of it, how many at a time. Between the front end and the log, of
 * which it owns the interface.
 *
 * <p>No threads of its own: {@link io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService} checks a message on the caller's
 * thread, an event loop, and the outcome arrives on the log's. Nothing blocks. Start reading there, then at {@link
 * io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog}.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import org.jspecify.annotations.NullMarked;
