package io.jenkins.plugins.cvmfs.notify.proxy;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/** Says on the console why a test was skipped; Surefire only counts. Found through META-INF/services. */
public final class SkippedTestReporter implements TestExecutionListener {
    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        report(test, reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
            report(test, result.getThrowable().map(Throwable::getMessage).orElse("no reason given"));
        }
    }

    @SuppressWarnings("SystemOut")
    private static void report(TestIdentifier test, String reason) {
        System.err.println("SKIPPED " + test.getDisplayName() + ": " + reason);
    }
}
