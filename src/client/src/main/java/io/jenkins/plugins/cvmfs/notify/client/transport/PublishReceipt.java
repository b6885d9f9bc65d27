package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.net.URI;

/**
 * The server has the message. What that is worth depends on the server: ours has it safe in the log, the original service may
 * still lose it.
 *
 * @param server the URL that accepted it
 * @param attempts how many requests it took, 1 or more
 */
public record PublishReceipt(URI server, int attempts) {}
