/**
 * The process that loads a server: it holds the subscribers, publishes, and reports what arrived when. It must not be the bottleneck:
 * one thread reads all sockets with one buffer, looks at a few bytes of each message and keeps nothing, and its share of a core is
 * part of each result.
 *
 * <p>Threads: {@code swarm} owns all subscribers and their counts ({@code Swarm}, {@code Arrivals}); the main thread takes orders
 * from its standard input, one JSON object a line, publishes, and answers each with one line ({@code GeneratorProcess}). Both ends of
 * a latency are read from one clock.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.load.generator;

import org.jspecify.annotations.NullMarked;
