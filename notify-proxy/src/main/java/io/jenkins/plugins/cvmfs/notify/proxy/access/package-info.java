/**
 * Authentication and authorisation: callers, their credentials, and the rights that the configuration gives them.
 *
 * <p>{@link io.jenkins.plugins.cvmfs.notify.proxy.access.AccessRules} decides; a {@link
 * io.jenkins.plugins.cvmfs.notify.proxy.access.Denial} says why not. Nothing here does I/O on an event loop.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.access;

import org.jspecify.annotations.NullMarked;
