/**
 * What the service manager of Linux hands to a service and wants to hear from it. Without systemd all of it does nothing.
 *
 * <p>{@link io.jenkins.plugins.cvmfs.notify.proxy.systemd.SocketActivation} finds the listening socket that systemd keeps open while the
 * service restarts; {@link io.jenkins.plugins.cvmfs.notify.proxy.systemd.ServiceManager} tells it when the service is ready, reloads,
 * stops, and is alive. Both follow sd_listen_fds(3) and sd_notify(3). One thread, of the service manager's own socket.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.systemd;

import org.jspecify.annotations.NullMarked;
