/**
 * Measures the proxy beside other servers: CPU for each delivery, memory for each connection, latency, confirmed publishes.
 *
 * <p>{@code Main} takes a scenario by its name. A scenario starts a fresh server process ({@code server}) and a fresh generator
 * process ({@code generator}), has the one load the other, reads what it cost from the kernel ({@code process}), and appends one
 * {@code Sample} to a file ({@code report}). {@code wire} has what is sent and the parsers of what comes. {@code report} makes
 * tables and plots of the file.
 *
 * <p>Start reading at {@code scenario.FanOut}.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.load;

import org.jspecify.annotations.NullMarked;
