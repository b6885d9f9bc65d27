/**
 * Makes small signed repositories with keys of their own, for the demonstration and for tests: a folder as a stratum 0 has it,
 * and copies of it as stratum 1 servers have them. They have everything that a reader of manifests looks at, and no files.
 *
 * <p>Start with {@link io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository}. Calls block on the disk and are safe
 * from any thread. Private keys never leave the memory.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client.sample;

import org.jspecify.annotations.NullMarked;
