/**
 * What the generator says to servers and how it reads them: messages that carry their own number, the requests of the three kinds
 * of subscribers, and parsers that look at no more than they must. No sockets, no threads.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.load.wire;

import org.jspecify.annotations.NullMarked;
