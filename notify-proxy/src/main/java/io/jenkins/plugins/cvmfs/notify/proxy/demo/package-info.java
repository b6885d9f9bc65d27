/**
 * The main use on one machine, to watch and to test: a repository is published, a subscriber is notified, and a wait ends when the
 * replicas have caught up.
 *
 * <p>Start with {@link io.jenkins.plugins.cvmfs.notify.proxy.demo.Demo}; {@code DemoSites} are the web servers of a stratum 0 and two
 * replicas. Everything runs on the loopback, on free ports, in one folder. The calling thread waits; events come on the threads of
 * the proxy and the client.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.demo;

import org.jspecify.annotations.NullMarked;
