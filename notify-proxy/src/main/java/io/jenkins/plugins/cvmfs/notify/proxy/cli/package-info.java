/**
 * The command line: one class for each command, named after it. docs/cli.md is the user's view.
 *
 * <p>Start with {@link io.jenkins.plugins.cvmfs.notify.proxy.cli.Main}, then {@code RootCommand}, which registers every command. Options
 * that several commands share are in one class each: {@code ConfigOptions}, {@code ServerOptions}, {@code VerifyOptions}. A command
 * fails by throwing: {@code RootCommand} turns a {@code NotifyException} or a {@code CommandFailure} into a few lines on standard error
 * and an exit code; any other exception is a fault of the program.
 *
 * <p>A command runs on the main thread and may block it. Standard output is for results, standard error for everything else. Only the
 * named command is loaded: {@code publish} is called in shell loops.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import org.jspecify.annotations.NullMarked;
