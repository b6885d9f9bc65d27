package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Does not return from its first call until the test lets it; then passes everything on. */
final class StoppedListener implements SubscriptionListener {

    private final SubscriptionListener next;
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private volatile boolean wasInterrupted;

    StoppedListener(SubscriptionListener next) {
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

    /** Lets it go on, for good. */
    void release() {
        released.countDown();
    }

    /** Whether it stands in a call. */
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
