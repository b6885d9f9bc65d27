/**
 * Announces what repositories publish without their publishers' doing: by reading their manifests, at intervals or when asked to.
 *
 * <p>{@link io.jenkins.plugins.cvmfs.notify.proxy.poll.ManifestPoller} decides when which host is read, and knows nothing of
 * announcements; {@link io.jenkins.plugins.cvmfs.notify.proxy.poll.PollSource} compares what was read with the log and has the
 * difference published. Both have their state on one thread, where nothing blocks; hosts take turns as those of replicas do, by the {@link
 * io.jenkins.plugins.cvmfs.notify.proxy.watch.HostTurns}.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.poll;

import org.jspecify.annotations.NullMarked;
