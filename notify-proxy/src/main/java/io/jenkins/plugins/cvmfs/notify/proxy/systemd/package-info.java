/**
 * Socket activation by systemd, and notifications to it. Does nothing without systemd.
 *
 * <p>{@link io.jenkins.plugins.cvmfs.notify.proxy.systemd.SocketActivation} finds the listening socket that systemd holds open while the
 * service restarts; {@link io.jenkins.plugins.cvmfs.notify.proxy.systemd.ServiceManager} notifies it when the service is ready, reloads,
 * stops, and is alive. They follow sd_listen_fds(3) and sd_notify(3). One thread, for the notification socket.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.systemd;

import org.jspecify.annotations.NullMarked;
