package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import java.util.OptionalInt;

/**
 * The stream that all proxies share as their log.
 *
 * @param name its queue name
 * @param maxBytes how much it keeps; a policy says so, and can be changed later
 * @param replicas on how many nodes of a cluster it is made; empty leaves it to the broker, which takes all that are there
 */
public record StreamPlan(String name, long maxBytes, OptionalInt replicas) {}
