package io.jenkins.plugins.cvmfs.notify.proxy.log;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.time.Instant;

/**
 * One activity message as the log delivered it.
 *
 * @param message the message, with its bytes as they were published
 * @param position its position in the log
 * @param announcedAt when the log accepted it, by the clock of the proxy that accepted it
 */
public record Announcement(ActivityMessage message, LogPosition position, Instant announcedAt) {}
