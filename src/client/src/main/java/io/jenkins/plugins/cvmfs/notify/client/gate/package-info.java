/**
 * Waiting until a revision can be read on the replicas that matter.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client.gate;

import org.jspecify.annotations.NullMarked;
