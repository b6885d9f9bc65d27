/**
 * Brings a RabbitMQ into the state that the service needs, through the broker's management API.
 *
 * <p>{@code BrokerPlan} says what the broker is to have, as a list of {@code BrokerResource}s; {@code BrokerSetup} compares each with what
 * is there and creates or changes what is missing or different. All of it is read before anything is written, so what a dry run
 * announces is what a run then does. The same plan can be written as a definitions file, which RabbitMQ loads by itself.
 *
 * <p>Everything runs, and blocks, on the thread that asks. Passwords leave this machine only as salted hashes.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import org.jspecify.annotations.NullMarked;
