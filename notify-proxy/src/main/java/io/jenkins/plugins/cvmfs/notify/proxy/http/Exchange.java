package io.jenkins.plugins.cvmfs.notify.proxy.http;

import io.netty.channel.Channel;

/** The server's half of one request: answered once, or the connection is taken over. */
interface Exchange {

    /** Sends the answer. From any thread; the first answer counts. */
    void answer(Response answer);

    /**
     * Ends HTTP on this connection: removes its handlers, after the successor has put its own in their place. Instead of an answer, and
     * like one from any thread; the successor begins on the event loop.
     */
    void handOver(Successor successor);

    /** What becomes of a connection after HTTP. */
    @FunctionalInterface
    interface Successor {
        /** Writes what it has to and adds its handlers at the end of the pipeline. Bytes already received reach them. */
        void begin(Channel channel);
    }
}
