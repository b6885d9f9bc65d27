/**
 * The Jenkins side: a process in which ten thousand gates wait behind one connection, as they do in a Jenkins, without Jenkins. It
 * takes orders from its standard input and answers with one number each.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.load.waiting;

import org.jspecify.annotations.NullMarked;
