/**
 * Publishing: from the bytes of a request to the log.
 *
 * <p>No threads of its own: {@link io.jenkins.plugins.cvmfs.notify.proxy.publish.PublishService} checks an announcement on the calling
 * event loop, and the future completes on the log's thread. Nothing blocks. Start reading there, then at {@link
 * io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog}.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import org.jspecify.annotations.NullMarked;
