/**
 * What publishing costs without a service in between: straight to the broker, straight to the disk. The proxy's confirmed publishes
 * are compared with these.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.load.baseline;

import org.jspecify.annotations.NullMarked;
