/**
 * HTTP/1.1 on Netty: publish, the two kinds of subscription, and whatever endpoints the rest of the proxy registers.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.proxy.frontend;

import org.jspecify.annotations.NullMarked;
