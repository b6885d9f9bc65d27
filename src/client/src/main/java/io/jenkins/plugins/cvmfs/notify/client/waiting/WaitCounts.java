package io.jenkins.plugins.cvmfs.notify.client.waiting;

/**
 * What a waiting room is busy with.
 *
 * @param gates gates that wait now
 * @param servers notification servers connected to, or lingering
 * @param readsUnderWay questions to replicas that are under way
 * @param readsQueued questions that wait for their turn
 * @param reads questions asked since the room was opened
 * @param sharedReads answers that served a further gate without a question of its own
 */
public record WaitCounts(int gates, int servers, int readsUnderWay, int readsQueued, long reads, long sharedReads) {}
