package io.jenkins.plugins.cvmfs.notify.client.transport;

/**
 * What a subscriber has seen since it was made.
 *
 * @param connections connections that stood
 * @param activities activities handed to the listener
 * @param conflated activities that gave way to a newer one of the same repository because the listener was slow
 * @param replays activities not handed on because a server sent them again after a new subscription
 * @param warnings messages that were no activity: error replies and rubbish
 */
public record SubscriberCounts(long connections, long activities, long conflated, long replays, long warnings) {}
