/**
 * The JSON between publishers, the notification server and subscribers: activity message, subscription, fixed replies. It reads
 * what every released program sends and writes what the C++ readers of CernVM-FS accept; docs/protocol.md has the bytes.
 *
 * <p>Values and codecs only: no I/O, no threads. Start with {@link
 * io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage}.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client.message;

import org.jspecify.annotations.NullMarked;
