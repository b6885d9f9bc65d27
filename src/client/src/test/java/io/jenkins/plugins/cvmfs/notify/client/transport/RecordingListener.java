package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Records each call of a subscriber as a short line, in order. */
class RecordingListener implements SubscriptionListener {

    private final List<String> lines = new ArrayList<>();
    private final List<NotifyException> causes = new ArrayList<>();
    private final List<Duration> pauses = new ArrayList<>();

    private synchronized void add(String line) {
        lines.add(line);
    }

    @Override
    public void activity(ActivityMessage message) {
        add(message.toString());
    }

    @Override
    public void subscribed(RepositoryName repository) {
        add("subscribed " + repository);
    }

    @Override
    public synchronized void refused(RepositoryName repository, NotifyException cause, Duration retryIn) {
        lines.add("refused " + repository);
        causes.add(cause);
    }

    @Override
    public void connected(SubscriptionListener.Connection connection) {
        add("connected " + connection.protocol());
    }

    @Override
    public synchronized void disconnected(NotifyException cause, Duration retryIn) {
        lines.add("disconnected");
        pauses.add(retryIn);
        causes.add(cause);
    }

    @Override
    public synchronized void warning(NotifyException problem) {
        lines.add("warning " + problem.getMessage());
        causes.add(problem);
    }

    /** Returns everything so far. */
    synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    /** The pauses that {@code disconnected} accepted. */
    synchronized List<Duration> pauses() {
        return List.copyOf(pauses);
    }

    /** Returns the exceptions given to {@code disconnected}, {@code refused} and {@code warning}. */
    synchronized List<NotifyException> causes() {
        return List.copyOf(causes);
    }
}
