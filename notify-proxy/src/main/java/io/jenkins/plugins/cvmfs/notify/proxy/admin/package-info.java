/**
 * The routes for operators and monitoring: the status page, health and readiness, Prometheus metrics, and the state of each
 * repository, as in docs/protocol.md.
 *
 * <p>Each class but one is a {@link io.jenkins.plugins.cvmfs.notify.proxy.http.Route}. They only read: the fan-out's last values, the
 * log's state, the meters. What may take long runs on the one thread for blocking routes.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import org.jspecify.annotations.NullMarked;
