/**
 * Brings a RabbitMQ into the state that the service needs, through the broker's management API.
 *
 * <p>{@code BrokerPlan} is that state and its JSON; {@code BrokerSetup} compares each object with the broker's and creates or changes
 * what is missing or different. It reads everything before it writes anything, so a dry run announces exactly what a run does. The
 * plan can also be written as a definitions file, which RabbitMQ loads itself.
 *
 * <p>Everything blocks the calling thread. Passwords leave this machine only as salted hashes.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import org.jspecify.annotations.NullMarked;
