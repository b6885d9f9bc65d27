/**
 * The servers that are compared: this project's proxy (alone, with a journal, before a RabbitMQ, or several of them), nginx with nchan,
 * the bare loop; and none, where the generator speaks to RabbitMQ or a file itself. Each is started afresh for each measurement and
 * ended after it.
 *
 * <p>The bare loop ({@code BareLoop}) is the control: it accepts, answers the subscribe request, and writes the bytes of one message
 * to one socket after the other, on one thread, with the JDK's selector. It has no rights, no limits, no durability, and one pending
 * write for a slow reader.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.load.server;

import org.jspecify.annotations.NullMarked;
