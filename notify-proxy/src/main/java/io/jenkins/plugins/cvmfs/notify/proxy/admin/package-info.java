/**
 * What operators and monitoring read on the proxy's port: the status page, health and readiness, Prometheus metrics, and the state of each
 * repository, in docs/protocol.md.
 *
 * <p>Each {@code …Endpoint} and {@code MetricsRoute} is one {@link io.jenkins.plugins.cvmfs.notify.proxy.http.BlockingRoute}; the front end calls them on its one thread
 * for endpoints. They only read: from the fan-out's last values, the log's state, the meters.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import org.jspecify.annotations.NullMarked;
