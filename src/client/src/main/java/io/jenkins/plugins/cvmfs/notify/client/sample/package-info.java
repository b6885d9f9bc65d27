/**
 * Makes small signed repositories for the demo command and for tests: a folder as on a stratum 0, and copies of it as on stratum
 * 1 replicas. They hold everything that a reader of manifests needs, and no files.
 *
 * <p>Start with {@link io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository}. Private keys stay in memory.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client.sample;

import org.jspecify.annotations.NullMarked;
