/**
 * Whether to believe a manifest: whitelist, certificate, master keys, blacklist.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client.trust;

import org.jspecify.annotations.NullMarked;
