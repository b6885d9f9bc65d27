package io.jenkins.plugins.cvmfs.notify.proxy.access;

import io.jenkins.plugins.cvmfs.notify.proxy.access.Credentials.Identity;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Peer;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sender of a request, and its credentials.
 *
 * @param peer who is at the other end of the connection
 * @param authorization the values of the header {@code Authorization}, and tokens sent in its place; a valid request has at most one
 * @param fromBrowser whether a page in a browser made the request: it may have done so against the will of the user, so that the
 *     user's being at this machine grants nothing
 * @param ciIdentity what an {@linkplain AccessRules#identified identity token} proves; null if none was verified
 */
public record Caller(
        Peer peer,
        List<Secret> authorization,
        boolean fromBrowser,
        @Nullable Identity ciIdentity) {

    /** Copies the list. */
    public Caller {
        authorization = List.copyOf(authorization);
    }

    /** A sender as whom its request shows it. */
    public Caller(Peer peer, List<Secret> authorization, boolean fromBrowser) {
        this(peer, authorization, fromBrowser, null);
    }

    public static Caller of(Request request) {
        return new Caller(request.peer(), request.authorization(), request.isFromBrowser());
    }

    Caller as(Identity verified) {
        return new Caller(peer, authorization, fromBrowser, verified);
    }

    /** Returns true if the connection comes from a program on this machine, which may forward for another client. */
    boolean isLocalProgram() {
        return peer.isLocal() && !fromBrowser;
    }
}
