package io.jenkins.plugins.cvmfs.notify.proxy.verify;

import java.net.InetAddress;

/**
 * For whom a signature is verified.
 *
 * @param hasRight whether a credential, a certificate or an address gives the sender the right to publish; else only the signature
 *     speaks for the message, and anybody may have sent it
 * @param network whom a sender without a right is counted with: its address, or the network of 64 bits of an IPv6 address
 */
public record Sender(boolean hasRight, InetAddress network) {}
