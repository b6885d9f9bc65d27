/**
 * The activity log: RabbitMQ (a stream, or server-named queues), or a journal file in standalone mode.
 *
 * <p>{@code ActivityLogs} makes the one that the configuration asks for. {@code RabbitLog} has three sides. {@code UnconfirmedPublishes} keeps
 * each publish until it is safe, which two must have witnessed: the broker by its confirm, and this proxy's ledger, to which the
 * message has come back. {@code BrokerSupervisor} keeps up a {@code BrokerSession} with the broker, one after the other for ever: {@code
 * SessionOpener} connects and sees to exchange and stream ({@code BrokerTopology}); the session binds the keys of what this proxy is {@code
 * Following}, a few at a time ({@code Bindings}); {@code ConfirmingPublisher} sends; a {@code BrokerConsumer} reads, from the stream ({@code StreamConsumer}) or from a queue ({@code QueueConsumer}), and makes up for what was missed. What
 * is read goes through {@code MessageReader} to the ledger in the package {@code journal}, the proxy's memory, and from there to the tail.
 *
 * <p>Threads: {@code cvmfs-notify-broker} is the link's and the only one that waits for the broker; {@code
 * cvmfs-notify-broker-reader} and the client library's own threads bring deliveries and confirms, and never publish or bind; {@code
 * cvmfs-notify-ledger} writes the journal and calls the tail; without a state folder whoever brings a delivery does that. Everything
 * else is asked from any thread and does not block.
 *
 * <p>docs/rabbitmq.md tells an operator what is promised; docs/decisions has the reasons, 0030, 0031 and 0034.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import org.jspecify.annotations.NullMarked;
