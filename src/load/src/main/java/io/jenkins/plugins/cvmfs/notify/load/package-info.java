/**
 * Measures the proxy beside other servers: CPU for each delivery, memory for each connection, latency, confirmed publishes.
 *
 * <p>{@code RunCommand} says which scenario compares which servers. A scenario starts a fresh server process ({@code server}) and a fresh generator
 * process ({@code generator}), has the one load the other, reads what it cost from the kernel ({@code process}), and appends one
 * {@code Sample} to a file ({@code report}). {@code wire} has what is sent and the parsers of what comes. {@code report} makes
 * tables of the file.
 *
 * <p>Start reading at {@code scenario.Scenario}.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.load;

import org.jspecify.annotations.NullMarked;
