/**
 * Transports of the sockets of publishers and subscribers, and their event loops.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.netty;

import org.jspecify.annotations.NullMarked;
