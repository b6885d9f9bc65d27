package io.jenkins.plugins.cvmfs.notify.steps;

import com.google.common.util.concurrent.ListenableFuture;
import hudson.model.Result;
import hudson.model.TaskListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jenkinsci.plugins.workflow.steps.BodyInvoker;
import org.jenkinsci.plugins.workflow.steps.StepContext;

/** What Pipeline gives to a step, as far as it can be had without Jenkins: a log, and the endings. Nothing else can be loaded. */
@SuppressWarnings("serial") // Never written.
final class ScriptedContext extends StepContext {

    final List<Object> values = new CopyOnWriteArrayList<>();
    final List<Throwable> failures = new CopyOnWriteArrayList<>();

    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final Exception problem;

    /** The build log. */
    TaskListener console = () -> new PrintStream(log, true, StandardCharsets.UTF_8);

    /** What anything but the log waits for first. */
    volatile CountDownLatch answers = new CountDownLatch(0);

    /** @param problem thrown when anything but the log is asked for: an IOException, InterruptedException or unchecked */
    ScriptedContext(Exception problem) {
        this.problem = problem;
    }

    String logged() {
        return log.toString(StandardCharsets.UTF_8);
    }

    @Override
    public <T> T get(Class<T> key) throws IOException, InterruptedException {
        if (key == TaskListener.class) {
            return key.cast(console);
        }
        answers.await();
        if (problem instanceof IOException unreadable) {
            throw unreadable;
        }
        if (problem instanceof InterruptedException interrupted) {
            throw interrupted;
        }
        throw (RuntimeException) problem;
    }

    @Override
    public void onSuccess(Object result) {
        values.add(result);
    }

    @Override
    public void onFailure(Throwable cause) {
        failures.add(cause);
    }

    @Override
    public ListenableFuture<Void> saveState() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isReady() {
        return true;
    }

    @Override
    public void setResult(Result result) {
        throw new UnsupportedOperationException();
    }

    @Override
    public BodyInvoker newBodyInvoker() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
