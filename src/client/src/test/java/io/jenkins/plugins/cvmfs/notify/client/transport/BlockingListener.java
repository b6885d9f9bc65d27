package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Blocks its first call until the test releases it; then forwards every call. */
final class BlockingListener implements SubscriptionListener {

    private final SubscriptionListener next;
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile boolean wasInterrupted;

    BlockingListener(SubscriptionListener next) {
        this.next = next;
    }

    private void stop() {
        reached.countDown();
        try {
            released.await();
        } catch (InterruptedException e) {
            wasInterrupted = true;
            Thread.currentThread().interrupt();
        }
    }

    /** Lets this and all further calls return. */
    void release() {
        released.countDown();
    }

    /** Returns true once a call is blocked. */
    boolean isReached() {
        return reached.getCount() == 0;
    }

    boolean wasInterrupted() {
        return wasInterrupted;
    }

    @Override
    public void activity(ActivityMessage message) {
        stop();
        next.activity(message);
    }

    @Override
    public void subscribed(RepositoryName repository) {
        stop();
        next.subscribed(repository);
    }

    @Override
    public void connected(SubscriptionListener.Connection connection) {
        stop();
        next.connected(connection);
    }

    @Override
    public void disconnected(NotifyException cause, Duration retryIn) {
        stop();
        next.disconnected(cause, retryIn);
    }

    @Override
    public void warning(NotifyException problem) {
        stop();
        next.warning(problem);
    }
}
