package io.jenkins.plugins.cvmfs.notify.client.transport;

import java.net.URI;

/**
 * How a subscriber is connected.
 *
 * @param url the subscribe URL
 * @param protocol what is spoken there, never {@link SubscribeProtocol#AUTO}
 */
public record ServerConnection(URI url, SubscribeProtocol protocol) {}
