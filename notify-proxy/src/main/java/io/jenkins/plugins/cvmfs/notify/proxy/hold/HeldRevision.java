package io.jenkins.plugins.cvmfs.notify.proxy.hold;

import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import java.time.Instant;

/**
 * A revision that subscribers are not told yet.
 *
 * @param newest the newest announcement of its repository
 * @param since when the oldest held announcement of the repository arrived
 * @param until when subscribers are told anyway
 * @param why what is missing, one sentence; names replicas and caches
 */
public record HeldRevision(Announcement newest, Instant since, Instant until, String why) {}
