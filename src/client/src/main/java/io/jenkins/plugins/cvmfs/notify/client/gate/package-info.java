/**
 * Waiting until a revision can be read on the replicas that matter: the part that decides, without threads, I/O or a clock.
 *
 * <p>A publisher announces revision 7. The stratum 1 replicas take minutes to hours to fetch it, each at its own time, and a
 * pipeline that mounts the repository from one of them must not start before. A {@link
 * io.jenkins.plugins.cvmfs.notify.client.gate.Condition} says what is waited for; a {@link
 * io.jenkins.plugins.cvmfs.notify.client.gate.Gate} is told {@link io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent
 * events} and answers with {@link io.jenkins.plugins.cvmfs.notify.client.gate.GateAction actions}: subscribe, ask this replica,
 * wait until then, done. Announcements are hints that make it look sooner; what replicas serve is the truth. {@code waiting}
 * drives many gates with the real transports; a test drives one with a list.
 *
 * <p>Everything but the gate itself is an immutable value. A {@link
 * io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot} survives a restart, a {@link
 * io.jenkins.plugins.cvmfs.notify.client.gate.GateReport} explains the gate to people. Nothing here is safe for use by several
 * threads at a time but the values.
 *
 * <p>Start with {@code Gate}, then {@code ReplicaWatch}, which looks after one replica. Why it decides as it does stands in
 * docs/decisions, 0010, 0011 and 0014.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client.gate;

import org.jspecify.annotations.NullMarked;
