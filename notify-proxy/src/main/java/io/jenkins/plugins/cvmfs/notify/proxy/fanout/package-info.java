/**
 * From the log's tail to every subscriber: the last value of each repository, order, conflation.
 *
 * <p>The log delivers announcements one after the other on a thread of its own to {@link
 * io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut}, which remembers the last one of each repository in a {@code RepositoryTopic} and
 * puts it into the {@code DispatchQueue} of every event loop that has subscribers of it. From there on everything happens on that loop,
 * without locks: a lane gives its audiences turns, a {@code Sweep} takes one announcement through one {@code Audience}, and a {@link
 * io.jenkins.plugins.cvmfs.notify.proxy.fanout.Subscriber} writes it to its channel or keeps it in its {@code Backlog} while
 * that cannot take more. Frames are encoded once for each loop and {@link
 * io.jenkins.plugins.cvmfs.notify.proxy.fanout.WireFormat}.
 *
 * <p>Three things wait, each with a bound: announcements for a lane, a subscriber's backlog (one for each of its subscriptions),
 * and what a channel has taken but not sent. When a bound is reached, older announcements of a repository give way to newer ones.
 *
 * <p>For onlookers (the status page, metrics) each announcement keeps account of how far it has come, in its {@code Dispatch}; the last few
 * hundred are remembered.
 *
 * <p>Start reading at {@code FanOut}, then {@code DispatchQueue} and {@code Subscriber}.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.fanout;

import org.jspecify.annotations.NullMarked;
