/**
 * The notification service: takes announcements over HTTP, keeps them in RabbitMQ or a journal, serves them to subscribers.
 *
 * <p>Start reading at {@code NotifyProxy}, which puts the parts together.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy;

import org.jspecify.annotations.NullMarked;
