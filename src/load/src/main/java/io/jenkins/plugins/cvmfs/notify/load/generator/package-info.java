/**
 * The process that loads a server: it holds the subscribers, publishes, and says what arrived when. It must not be the bottleneck,
 * so one thread reads all sockets with one buffer, looks at a few bytes of each message and keeps nothing; and it says how much of
 * a core that took.
 *
 * <p>Threads: {@code swarm} owns all subscribers and what they count ({@code Swarm}, {@code SubscriberSocket}, {@code Arrivals}); the
 * main thread takes orders from its standard input, one JSON object a line, publishes, and answers with one line each ({@code
 * GeneratorProcess}). Both sides of a latency are read from one clock.
 *
 * <p>A subscriber's bytes come over a {@code Link}, the socket or TLS on it; messages go out through a {@code Publisher}, by HTTP or AMQP.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.load.generator;

import org.jspecify.annotations.NullMarked;
