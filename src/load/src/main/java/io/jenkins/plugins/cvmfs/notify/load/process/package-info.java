/** Processes that a measurement starts and ends, and what the kernel says they cost. */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.load.process;

import org.jspecify.annotations.NullMarked;
