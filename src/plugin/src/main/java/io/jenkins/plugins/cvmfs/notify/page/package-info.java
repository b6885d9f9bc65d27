/**
 * The pages of builds and jobs. {@code CvmfsBuildAction} is the tab "CVMFS" of a build: one {@code StepRecord} for each
 * announcement, wait and transaction, live while the step runs, and saved with the build when it has ended. {@code Timeline} draws the
 * record of a wait: when each replica could be read, in parts of a common scale. {@code CvmfsJobAction} sums the last builds up on
 * the page of the job.
 *
 * <p>Builds save the names of {@code CvmfsBuildAction}, of the records and of their fields. Start with {@code CvmfsBuildAction}.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.page;

import org.jspecify.annotations.NullMarked;
