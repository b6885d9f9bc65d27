/**
 * Health, metrics and the state of repositories, for operators.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import org.jspecify.annotations.NullMarked;
