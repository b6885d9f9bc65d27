/**
 * The two Pipeline steps. {@code cvmfsPublishNotify} announces a published revision; {@code waitForCvmfsRevision} pauses a
 * pipeline until a revision can be read on the replicas that matter.
 *
 * <p>Each step is four small classes. The {@code …Step} holds the parameters and the form. The {@code …Request} makes of them
 * what the client library understands, and says what is wrong. The {@code …State} is what survives a restart, nothing else does.
 * The {@code …Execution} is the adapter to Pipeline, most of it in {@code DetachedExecution}; what it does at which time stands in {@link
 * io.jenkins.plugins.cvmfs.notify.steps.RevisionWait} and {@link io.jenkins.plugins.cvmfs.notify.steps.Publishing}, which name
 * no Jenkins type and so are tested without one. Start with {@code RevisionWait}.
 *
 * <p>Pipeline calls {@code start}, {@code onResume} and {@code stop} on its own threads; nothing blocks there. Everything that
 * may block runs on the few threads of {@code connection}. While a build waits it holds no thread.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.steps;

import org.jspecify.annotations.NullMarked;
