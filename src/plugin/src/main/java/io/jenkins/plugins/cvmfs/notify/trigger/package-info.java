/**
 * The trigger {@code cvmfsRevision}: builds a job when a repository has a new revision.
 *
 * <p>{@link io.jenkins.plugins.cvmfs.notify.trigger.RevisionTriggers} knows the triggers of all jobs and is their only contact with
 * Jenkins. {@link io.jenkins.plugins.cvmfs.notify.trigger.RevisionWatch} is one trigger's look at one repository: from the wait for a
 * new revision to the build that it starts. It names no Jenkins type and is tested without one. Start there.
 *
 * <p>A watch holds no thread: it is a wait of the client library, whose connections and reads all triggers and steps share. What a
 * watch does takes place on the few threads of {@code connection}, one task of a watch at a time.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.trigger;

import org.jspecify.annotations.NullMarked;
