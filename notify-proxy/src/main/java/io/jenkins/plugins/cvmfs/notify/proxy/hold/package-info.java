/**
 * Holds announcements until their revision can be read where this proxy's subscribers read it.
 *
 * <p>A {@link io.jenkins.plugins.cvmfs.notify.proxy.hold.Hold} stands between the log, of whatever kind, and the fan-out. What the
 * configuration does not mention passes through. Else the fan-out remembers the announcement beside the last value, tells only
 * subscribers that do not wait ({@code ?hold=none}), and a gate of the client library waits for the replicas; then the caches are
 * refreshed by a {@code CacheRound}, and the fan-out releases the announcement to all others. A publish is answered as before: the
 * announcement is in the log, whether it is held or not.
 *
 * <ul>
 *   <li>One gate for a repository, for the oldest held announcement. If the replicas serve the newest when it opens, that one is
 *       released and the others are dropped; otherwise the oldest, and the newest is held on.
 *   <li>A rollback takes the place of what was held, and waits for exactly its root catalog.
 *   <li>The longest hold counts from the arrival of the oldest held announcement, so a repository that is published all the time
 *       cannot be held for ever. Afterwards the newest is released, counted and logged.
 *   <li>A restart: the log delivers its last values again. Those accepted less than the longest hold ago are held anew, with what
 *       is left of that time. One that had been released before is readable, so its gate opens at once. What subscribers were told before a
 *       held revision is kept in the state folder ({@code ReleasedValues}), so that new subscribers get it meanwhile.
 *   <li>A cache that cannot be refreshed may mean that a replica has died since the gate opened: the replicas are asked again, and the caches
 *       refreshed from those that serve the revision now.
 *   <li>What is held counts as last values do. If there is no memory for both, the announcement is told without being held.
 *   <li>A reload of the configuration releases what need not be held any more, and begins other gates for what has other replicas.
 * </ul>
 *
 * <p>Threads: the state of all held announcements belongs to the thread {@code cvmfs-notify-hold}; the log's thread, the gates' and
 * the caches' only wake it. It is told the repository, once until it has looked, so its queue is bounded by the repositories.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.hold;

import org.jspecify.annotations.NullMarked;
