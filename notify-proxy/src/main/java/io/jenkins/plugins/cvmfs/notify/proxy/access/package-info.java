/**
 * Who may do what: callers, their credentials, and the permissions that the configuration gives them.
 *
 * <p>{@link io.jenkins.plugins.cvmfs.notify.proxy.access.AccessRules} decides; a {@link
 * io.jenkins.plugins.cvmfs.notify.proxy.access.Denial} says which permission is missing. Nothing here does I/O or blocks.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.access;

import org.jspecify.annotations.NullMarked;
