package io.jenkins.plugins.cvmfs.notify.proxy.access;

import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import java.util.List;

/**
 * Who sends a request, and what they show for it.
 *
 * @param peer who is at the other end of the connection
 * @param authorization the values of the {@code Authorization} header; none or one in a request that makes sense
 * @param fromBrowser whether a page in a browser made the request: then it may have come against the will of whoever sits there,
 *     and that they sit at this machine says nothing
 */
public record Caller(Peer peer, List<Secret> authorization, boolean fromBrowser) {

    /** Copies the list. */
    public Caller {
        authorization = List.copyOf(authorization);
    }

    /** Whether the connection comes from a program on this machine, which may be a forwarder of somebody else's. */
    boolean isLocalProgram() {
        return peer.isLocal() && !fromBrowser;
    }
}
