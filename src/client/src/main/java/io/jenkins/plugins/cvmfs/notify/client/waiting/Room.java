package io.jenkins.plugins.cvmfs.notify.client.waiting;

import io.jenkins.plugins.cvmfs.notify.client.gate.PollSchedule;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/**
 * What all gates of a waiting room share.
 *
 * @param thread the only one that touches gates, reads, servers and random
 * @param mayBlock a few threads for what may block: listeners, results, closing
 */
record Room(
        GateThread thread,
        ReplicaPoller reads,
        ReplicaDesk desk,
        SharedSubscriptions servers,
        PollSchedule pacing,
        RandomGenerator random,
        Executor mayBlock) {}
