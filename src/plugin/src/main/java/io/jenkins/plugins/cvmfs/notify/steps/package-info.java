/**
 * The Pipeline steps. {@code cvmfsPublishNotify} announces a published revision; {@code waitForCvmfsRevision} pauses a pipeline until
 * a revision can be read on the replicas that matter; {@code cvmfsTransaction} changes a repository on a publisher, publishes and
 * announces it.
 *
 * <p>Each step is one file with its parameters, its execution and its form. It checks the parameters and makes a {@code …State} of
 * them, which survives restarts; nothing else does. The execution is the adapter to Pipeline, most of it in {@code
 * DetachedExecution}. What happens in which order is in {@link RevisionWait}, {@link PublishRun} and {@link TransactionRun}, which
 * name no Jenkins type and are tested without one; they see the build as a {@code BuildHandle}. Start with {@code RevisionWait}.
 *
 * <p>Pipeline calls {@code start}, {@code onResume} and {@code stop} on its own threads, where nothing blocks. Everything that may
 * block runs on the few threads of {@code connection}. A waiting build holds no thread.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.steps;

import org.jspecify.annotations.NullMarked;
