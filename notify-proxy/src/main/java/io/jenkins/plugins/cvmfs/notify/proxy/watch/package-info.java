/**
 * Watches replicas: which revision each serves, since when, and how long revisions take to get there.
 *
 * <p>A {@link io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaBoard} hears every announcement of the log, whether it is held or not, and
 * keeps for each configured replica of an announced repository its {@link io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaStatus}.
 *
 * <ul>
 *   <li>Reads: the manifest, with a conditional GET. A replica that lacks an announced revision is read a second after the announcement, then
 *       whenever a fifth of the time since then has passed again; one that has everything, at the slow interval, with jitter. A host is asked
 *       one thing at a time, so it sees one connection: by the {@link io.jenkins.plugins.cvmfs.notify.proxy.watch.HostTurns}, which polls
 *       and refreshes of caches use too. What the {@code hold} package reads meanwhile counts as a read: both go through the {@link
 *       io.jenkins.plugins.cvmfs.notify.proxy.watch.ReplicaNetwork}.
 *   <li>Propagation: from the acceptance of the announcement until the replica is first seen to serve the revision, or a newer one. It is
 *       right to a fifth, or a second: each time is kept with the time since the read before it. A revision that was announced before this
 *       proxy watched the replica counts only if the replica was seen without it, and none whose read had to wait long for its turn.
 *   <li>Bounds: so many replicas as configured, those of the repositories announced first; for each the last 100 propagation times; for
 *       each repository the oldest and the newest 15 announcements that a replica may lack. Nothing is kept over a restart.
 * </ul>
 *
 * <p>Threads: {@code cvmfs-notify-watch} owns timers and reads. The state of a repository is guarded by its lock, in which nothing waits,
 * so the log's thread and requests use it too.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.watch;

import org.jspecify.annotations.NullMarked;
