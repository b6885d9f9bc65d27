/**
 * JMH benchmarks of what runs for each message, without sockets: reading a message, a manifest, a signature, a gate. Run with {@code
 * java -cp load.jar org.openjdk.jmh.Main}.
 */
@NullMarked
package io.jenkins.plugins.cvmfs.notify.load.micro;

import org.jspecify.annotations.NullMarked;
