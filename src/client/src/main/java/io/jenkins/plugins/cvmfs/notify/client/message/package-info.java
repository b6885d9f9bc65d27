/**
 * What travels between publishers, the notification service and subscribers: the activity message, the subscription, the
 * replies. It reads what every generation of programs in the field sends and writes what the C++ readers of CernVM-FS accept;
 * docs/protocol.md has the bytes.
 *
 * <p>Values and codecs only: no I/O, no threads. Start with {@link
 * io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage}.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client.message;

import org.jspecify.annotations.NullMarked;
