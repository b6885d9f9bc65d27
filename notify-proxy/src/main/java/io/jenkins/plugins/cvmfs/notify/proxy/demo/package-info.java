/**
 * The main job on one machine, to be seen and to be tested: a repository is published, who subscribed hears of it, and a wait ends
 * when the replicas have caught up.
 *
 * <p>Start with {@link io.jenkins.plugins.cvmfs.notify.proxy.demo.Demo}, the story in its order; {@code DemoSites} are the web
 * servers of a stratum 0 and two replicas, {@code Timeline} writes what happens. Everything runs on the loopback, on free ports, in
 * one folder; the story's own thread waits, the rest happens on the threads of its parts.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.demo;

import org.jspecify.annotations.NullMarked;
