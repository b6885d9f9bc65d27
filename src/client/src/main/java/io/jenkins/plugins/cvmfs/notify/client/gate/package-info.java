/**
 * Decides when a revision is readable on the required replicas: a state machine without threads, I/O or clock.
 *
 * <p>A publisher announces revision 7. The stratum 1 replicas take minutes to hours to fetch it, each at its own time, and a
 * pipeline that mounts the repository from one of them must not start before. A {@link
 * io.jenkins.plugins.cvmfs.notify.client.gate.Condition} says what is waited for. A {@link
 * io.jenkins.plugins.cvmfs.notify.client.gate.Gate} takes {@link io.jenkins.plugins.cvmfs.notify.client.gate.GateEvent events}
 * and returns {@link io.jenkins.plugins.cvmfs.notify.client.gate.GateAction actions}: subscribe, ask this replica, wait until
 * then, finish. Announcements only cause earlier checks; what replicas serve is the truth. {@code waiting} drives many gates with
 * the real transports; a test drives one with a list.
 *
 * <p>Everything but the gate is an immutable value. A {@link io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot} survives
 * a restart, a {@link io.jenkins.plugins.cvmfs.notify.client.gate.GateReport} explains the gate to people.
 *
 * <p>Start with {@code Gate}, then {@code ReplicaWatch}, its part for one replica. The reasons are in docs/decisions, 0010,
 * 0011 and 0014.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client.gate;

import org.jspecify.annotations.NullMarked;
