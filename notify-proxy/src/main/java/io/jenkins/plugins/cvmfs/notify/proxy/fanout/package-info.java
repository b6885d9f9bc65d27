/**
 * Delivers announcements from the log to the subscribers: last values, order, conflation.
 *
 * <p>The log delivers announcements one after the other on its own thread to {@link
 * io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut}, which refers to the last one of each repository in a {@code RepositoryTopic} and
 * puts it into the {@code DispatchQueue} of every event loop that has subscribers of it. From there on everything happens on that loop,
 * without locks: a queue gives its audiences turns, a {@code Sweep} takes one announcement through one {@code Audience}, and a {@link
 * io.jenkins.plugins.cvmfs.notify.proxy.fanout.Subscriber} writes it to its channel or keeps it in its backlog while
 * that cannot take more. Frames are encoded once for each loop and {@link
 * io.jenkins.plugins.cvmfs.notify.proxy.fanout.WireFormat}.
 *
 * <p>Three queues have a bound: the announcements of a {@code DispatchQueue}, a subscriber's backlog (one for each of its subscriptions),
 * and what a channel has taken but not sent. When a bound is reached, older announcements of a repository give way to newer ones.
 *
 * <p>CVMFS clients get some things a second time, and later, so that caches in front of them and failures of theirs do no lasting harm:
 * {@code Redelivery} decides what and when; {@link io.jenkins.plugins.cvmfs.notify.proxy.fanout.DeliveryTerms} say which subscribers.
 *
 * <p>The status page and the metrics read the progress of each announcement from its {@code Dispatch}; the last hundred are kept.
 *
 * <p>Start reading at {@code FanOut}, then {@code DispatchQueue} and {@code Subscriber}.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import org.jspecify.annotations.NullMarked;
