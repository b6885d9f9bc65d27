/**
 * How it travels: reading repositories, publishing, subscribing.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.client.transport;

import org.jspecify.annotations.NullMarked;
