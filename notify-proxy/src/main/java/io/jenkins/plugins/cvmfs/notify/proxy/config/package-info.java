/**
 * The configuration as immutable records, and how it is put together: defaults, file, environment, command line, merged key by
 * key as docs/configuration.md says.
 *
 * <p>{@link io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader} reads the sources once, on the thread that asks, and
 * either gives a {@link io.jenkins.plugins.cvmfs.notify.proxy.config.LoadedConfig} or throws with <em>everything</em> that is
 * wrong and where. Nothing here changes afterwards, so every thread may read it.
 *
 * <p>To add a key: a line in {@code ConfigKey} (name, kind, bounds, default), a component of a record, an entry in
 * config.schema.json and in docs/configuration.md. A test fails until all agree.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.config;

import org.jspecify.annotations.NullMarked;
