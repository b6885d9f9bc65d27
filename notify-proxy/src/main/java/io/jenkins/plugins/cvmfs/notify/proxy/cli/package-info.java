/**
 * The command line: one class for each command, named after it. docs/cli.md is the user's view.
 *
 * <p>Start reading at {@link io.jenkins.plugins.cvmfs.notify.proxy.cli.Main}, then {@code RootCommand}, where every command is hung
 * in. Options that several commands share stand in one class each: {@code ConfigOptions}, {@code ServerOptions}, {@code
 * TrustOptions}, {@code VerifyOptions}. A command fails by throwing: a {@code NotifyException} or a {@code CommandFailure} becomes one
 * line on standard error and an exit code in {@code FailureReport}; anything else is a fault of the program.
 *
 * <p>A command runs on the main thread and may block it. Standard output is for results, standard error for everything else.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import org.jspecify.annotations.NullMarked;
