/**
 * How it travels: reading repositories, publishing to a notification server, subscribing to it.
 *
 * <p>Three interfaces do the work: {@link io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader}, {@link
 * io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher} and {@link
 * io.jenkins.plugins.cvmfs.notify.client.transport.NotificationSubscriber}. What a server says is taken as a hint: whether it is
 * true is for {@code trust} to say.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client.transport;

import org.jspecify.annotations.NullMarked;
