package io.jenkins.plugins.cvmfs.notify.proxy.access;

import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import java.util.Locale;

/** Why a request is refused; in lower case, clients and metrics know it by its name. */
public enum Denial {
    /** The credentials are wrong; the answer never says which part of them. */
    INVALID_CREDENTIALS,
    /** Credentials are required. */
    CREDENTIALS_NEEDED,
    /** The credentials are valid, but lack the right. */
    NOT_ALLOWED,
    /** The manifest's signature is not trusted. */
    NOT_TRUSTED,
    /** A newer revision of the repository was verified before. */
    REVISION_TOO_OLD,
    /** The server that this proxy relays refuses it. */
    REFUSED_UPSTREAM,
    /** Relays would pass it on to each other in a circle. */
    RELAY_LOOP;

    /** The word by which clients and metrics know it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the response to a request that is refused: 401 if credentials are missing or wrong, 508 for a loop, else 403. */
    public Response response(String detail) {
        boolean needsCredentials = this == INVALID_CREDENTIALS || this == CREDENTIALS_NEEDED;
        Response response = Response.error(needsCredentials ? 401 : this == RELAY_LOOP ? 508 : 403, word())
                .withDetail(detail);
        return needsCredentials ? response.with("www-authenticate", "Bearer realm=\"cvmfs-notify\"") : response;
    }
}
