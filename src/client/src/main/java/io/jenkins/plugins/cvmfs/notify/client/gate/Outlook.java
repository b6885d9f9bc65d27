package io.jenkins.plugins.cvmfs.notify.client.gate;

/**
 * What a gate knows beyond the single replica.
 *
 * @param exists whether the target is known to have been published, so that a replica without it is behind
 * @param hears whether announcements can arrive
 */
record Outlook(Target target, boolean exists, boolean hears) {}
