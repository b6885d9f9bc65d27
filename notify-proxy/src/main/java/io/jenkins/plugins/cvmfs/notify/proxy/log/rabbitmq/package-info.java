/**
 * The activity log in RabbitMQ: a stream, or server-named queues.
 *
 * <p>{@code RabbitLog} has three sides. {@code OpenPublishes} keeps each publish until it has been read back; it is answered when the
 * broker has confirmed it, and it has been delivered and recorded here. {@code BrokerSupervisor} keeps a {@code BrokerSession} with the
 * broker, one after the other: its opener connects ({@code BrokerConnections}) and declares exchange and stream ({@code BrokerTopology});
 * the session binds the keys of the {@code FollowedRepositories}, a few at a time ({@code Bindings}); {@code ConfirmingPublisher} sends; a
 * {@code BrokerConsumer} reads, from the stream ({@code StreamConsumer}) or from a queue ({@code QueueConsumer}), and catches up with what
 * was missed ({@code StreamCatchUp}, {@code PeerSync}). What is read goes through {@code MessageReader} to the recorder in the package
 * {@code journal}, and from there to the listener.
 *
 * <p>Threads: {@code cvmfs-notify-broker}, the broker thread, is the only one that waits for the broker; {@code cvmfs-notify-broker-reader}
 * and the client library's own threads bring deliveries and confirms, and never publish or bind; {@code cvmfs-notify-recorder} writes the
 * journal and calls the listener; without a state folder the thread that brings a delivery or a confirm does that. All other methods are
 * for any thread and do not block.
 *
 * <p>docs/rabbitmq.md describes for operators what is promised; docs/decisions has the reasons, 0030, 0031 and 0034.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import org.jspecify.annotations.NullMarked;
