/**
 * The configuration as immutable records, and how it is put together: defaults, file, environment, command line.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.config;

import org.jspecify.annotations.NullMarked;
