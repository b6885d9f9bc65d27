package io.jenkins.plugins.cvmfs.notify.client.transport;

import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Notes what a subscriber tells, each as a short line, in order. */
class Heard implements SubscriptionListener {

    private final List<String> lines = new ArrayList<>();
    private final List<NotifyException> causes = new ArrayList<>();
    private final List<Duration> pauses = new ArrayList<>();

    private synchronized void note(String line) {
        lines.add(line);
    }

    @Override
    public void activity(ActivityMessage message) {
        note(message.toString());
    }

    @Override
    public void subscribed(RepositoryName repository) {
        note("subscribed " + repository);
    }

    @Override
    public synchronized void refused(RepositoryName repository, NotifyException cause, Duration retryIn) {
        lines.add("refused " + repository);
        causes.add(cause);
    }

    @Override
    public void connected(SubscriptionListener.Connection connection) {
        note("connected " + connection.protocol());
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

    /** Everything so far. */
    synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    /** The pauses that {@code disconnected} told. */
    synchronized List<Duration> pauses() {
        return List.copyOf(pauses);
    }

    /** What {@code disconnected}, {@code refused} and {@code warning} came with. */
    synchronized List<NotifyException> causes() {
        return List.copyOf(causes);
    }
}
