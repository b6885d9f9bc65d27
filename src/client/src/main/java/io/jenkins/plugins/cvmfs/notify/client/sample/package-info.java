/**
 * Makes small signed repositories, for the demonstration and for tests.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client.sample;

import org.jspecify.annotations.NullMarked;
