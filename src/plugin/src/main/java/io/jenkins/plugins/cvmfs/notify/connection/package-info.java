/**
 * The connections of this Jenkins to notification servers and repositories, shared by all builds.
 *
 * <p>{@link io.jenkins.plugins.cvmfs.notify.connection.JenkinsNetwork} is the only place that opens and closes them: one network
 * (HTTP client and threads), and one subscription for each notification server, however many builds wait for it. Start there.
 *
 * <p>Agents are asked for what they have mounted through Jenkins' own connections to them: {@code JenkinsAgents} has the thread,
 * {@code AgentGroups} knows which agents a wait asks, {@code AgentMounts} asks them, and {@code MountQuestion} is what runs there.
 *
 * <p>The client library bounds everything: a waiting build costs a map entry and no thread. Nothing here names steps or forms.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.connection;

import org.jspecify.annotations.NullMarked;
