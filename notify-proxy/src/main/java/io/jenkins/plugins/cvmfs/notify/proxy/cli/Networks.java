package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.transport.Network;

/** How the commands reach servers: as this program, and with the JVM's settings for HTTP proxies and TLS. */
final class Networks {

    private Networks() {}

    /** To be closed by the command. */
    static Network open() {
        return Network.builder().userAgent("notify-proxy/" + Version.number()).build();
    }
}
