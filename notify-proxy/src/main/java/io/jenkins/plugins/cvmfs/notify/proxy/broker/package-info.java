/**
 * The activity log: RabbitMQ (a stream, or server-named queues), or a journal file in standalone mode.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.broker;

import org.jspecify.annotations.NullMarked;
