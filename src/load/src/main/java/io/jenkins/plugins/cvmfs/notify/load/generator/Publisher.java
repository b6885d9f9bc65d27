package io.jenkins.plugins.cvmfs.notify.load.generator;

import java.io.IOException;

/** One way of publishing, one message at a time. On one thread. */
interface Publisher extends AutoCloseable {

    /** Sends a message; its answer is to be awaited before the next. */
    void send(String repository, byte[] message) throws IOException;

    /** Waits until the server says that it has it. */
    void awaitAnswer() throws IOException;

    @Override
    void close() throws IOException;

    /** The way of the target's dialect. */
    static Publisher to(Order.Target target) throws IOException {
        return target.dialect().isPublishedOverAmqp() ? new AmqpPublisher(target) : new HttpPublisher(target);
    }
}
