/**
 * What the sockets of publishers and subscribers are made of, and the event loops that see to them.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.netty;

import org.jspecify.annotations.NullMarked;
