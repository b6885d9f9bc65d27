package io.jenkins.plugins.cvmfs.notify.proxy.access;

import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import java.util.Locale;

/** Why a request is refused; in lower case, clients and metrics know it by its name. */
public enum Denial {
    /** The credentials are wrong; of a token or a signature the answer never says which part. */
    INVALID_CREDENTIALS,
    /** The keys of a token's issuer cannot be read now; the same request may succeed later. */
    IDENTITY_UNAVAILABLE,
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

    /** Returns the response to a request that is refused. */
    public Response response(String detail) {
        Response response = Response.error(status(), word()).withDetail(detail);
        return switch (status()) {
            case 401 -> response.with("www-authenticate", "Bearer realm=\"cvmfs-notify\"");
            case 503 -> response.with("Retry-After", String.valueOf(IssuerKeys.BETWEEN_FETCHES.toSeconds()));
            default -> response;
        };
    }

    private int status() {
        return switch (this) {
            case INVALID_CREDENTIALS, CREDENTIALS_NEEDED -> 401;
            case IDENTITY_UNAVAILABLE -> 503;
            case RELAY_LOOP -> 508;
            default -> 403;
        };
    }
}
