/**
 * Measures the proxy beside other servers: CPU for each delivery, memory for each connection, latency, confirmed publishes.
 *
 * <p>{@code RunCommand} says which scenario compares which servers. A {@code Session} repeats a {@code Scenario}: for each server it
 * starts a {@code Trial}, that is a fresh server ({@code server}) and a fresh generator ({@code generator}), reads from the kernel
 * what the server used, and appends one {@code Sample} to a file. Each repetition starts every server once, so that what disturbs the
 * machine disturbs all of them, and the bare loop tells whether the repetition counts. {@code Goals} makes the table of results.
 *
 * <p>Start reading at {@code Scenario}.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.load;

import org.jspecify.annotations.NullMarked;
