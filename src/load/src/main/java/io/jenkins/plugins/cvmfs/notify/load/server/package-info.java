/**
 * The servers that are measured: this project's proxy (alone, with a journal, before a RabbitMQ, with TLS of its own or of an nginx
 * in front), nginx with nchan, RabbitMQ's protocols for browsers, any other by its URL, and the bare loop that is the yardstick.
 * Their configurations are written here; each is started afresh for each repetition and ended after it.
 *
 * <p>The bare loop ({@code BareLoop}) does what cannot be left out: it accepts, answers the subscribe request, and writes the
 * bytes of one message to one socket after the other, on one thread, with the JDK's selector. No rights, no limits, no
 * durability, nothing for slow readers but a pending write.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.load.server;

import org.jspecify.annotations.NullMarked;
