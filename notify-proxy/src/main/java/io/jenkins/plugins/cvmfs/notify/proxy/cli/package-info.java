/**
 * The command line: serve, publish, subscribe, wait, verify, check-config, demo, version.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import org.jspecify.annotations.NullMarked;
