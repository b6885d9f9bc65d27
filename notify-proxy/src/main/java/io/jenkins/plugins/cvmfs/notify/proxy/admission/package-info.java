/**
 * What may enter the log: the shape of a message, who it is from, how much. Between the front end and the log.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.admission;

import org.jspecify.annotations.NullMarked;
