/**
 * The log of a relay: another notification server of any kind, its upstream.
 *
 * <p>{@code UpstreamLog} is the activity log. {@code UpstreamSubscription} follows the repositories that are needed here with one
 * subscriber of the client library, and knows since when the upstream is connected or lost. What arrives is recorded in this relay's own
 * journal, which serves last values while the upstream cannot be reached. {@code UpstreamPublishes} passes publishes on, those of one
 * repository one after the other; an announcement is delivered here when it comes back through the subscription, in the upstream's order.
 *
 * <p>No threads of its own: messages arrive on the subscriber's thread, answers to publishes on the network's, and everything is delivered on
 * the recorder's.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.log.upstream;

import org.jspecify.annotations.NullMarked;
