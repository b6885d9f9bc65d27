package io.jenkins.plugins.cvmfs.notify.load.generator;

import java.io.IOException;

/** Publishes on one keep-alive connection. */
final class HttpPublisher implements Publisher {

    private final Order.Target target;
    private final PublishConnection connection;

    HttpPublisher(Order.Target target) throws IOException {
        this.target = target;
        this.connection = PublishConnection.blocking(target);
    }

    @Override
    public void send(String repository, byte[] message) throws IOException {
        connection.send(target.dialect().publish(repository, message));
    }

    @Override
    public void awaitAnswer() throws IOException {
        connection.awaitAnswer();
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
