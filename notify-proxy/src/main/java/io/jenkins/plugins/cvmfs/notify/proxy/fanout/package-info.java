/**
 * From the log's tail to every subscriber: the last value of each repository, order, conflation.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import org.jspecify.annotations.NullMarked;
