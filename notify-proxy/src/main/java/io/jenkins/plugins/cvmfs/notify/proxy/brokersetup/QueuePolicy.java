package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

/**
 * A limit on queues that can be changed while they are in use.
 *
 * @param name the policy's name
 * @param pattern of the queues' names
 * @param maxBytes above which the oldest messages are dropped
 */
record QueuePolicy(String name, String pattern, long maxBytes) {

    /** So that a proxy that hangs, or an original service, cannot fill the broker's memory. Some 40 000 messages. */
    static final QueuePolicy SERVER_NAMED = new QueuePolicy("cvmfs-notify-queues", "^amq\\.gen", 64L * 1024 * 1024);

    static QueuePolicy keeping(StreamPlan stream) {
        return new QueuePolicy(
                "cvmfs-notify-stream", "^" + BrokerPermissions.literally(stream.name()) + "$", stream.maxBytes());
    }
}
