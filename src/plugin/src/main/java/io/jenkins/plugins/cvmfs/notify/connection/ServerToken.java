package io.jenkins.plugins.cvmfs.notify.connection;

import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.domains.DomainRequirement;
import com.cloudbees.plugins.credentials.domains.URIRequirementBuilder;
import hudson.model.Run;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.transport.TokenSource;
import java.util.List;
import java.util.Optional;
import org.jenkinsci.plugins.plaincredentials.StringCredentials;
import org.jspecify.annotations.Nullable;

/**
 * The bearer token of one server, from Jenkins' credentials. The network asks for it on threads that must not block, so it is
 * looked up when a build begins to use the server, and kept until the next build does.
 */
public final class ServerToken implements TokenSource {

    private final ServerSettings server;
    private volatile Optional<String> token = Optional.empty();

    ServerToken(ServerSettings server) {
        this.server = server;
    }

    /**
     * Looks the token up again, if the server has credentials. May block.
     *
     * @param build whose use of the credentials is recorded; null outside of builds
     * @throws RefusedException if there are no such credentials
     */
    void refresh(@Nullable Run<?, ?> build) {
        String id = server.credentialsId();
        if (id == null) {
            return;
        }
        StringCredentials credentials = find(server.folder(), server.url(), id)
                .orElseThrow(() ->
                        new RefusedException("server %s: %s".formatted(server, missing(server.folder(), id))));
        if (build != null) {
            CredentialsProvider.track(build, credentials);
        }
        token = Optional.of(credentials.getSecret().getPlainText());
    }

    /**
     * Returns the secret texts to choose a token from. May block.
     *
     * @param folder the full name of the folder whose own they are, not those of the folders around it or of Jenkins; null for those of
     *     Jenkins itself
     * @param url where the token would be sent: credentials of a domain without it are left out
     */
    public static List<StringCredentials> secretTexts(@Nullable String folder, String url) {
        return PlaceCredentials.lookup(folder, StringCredentials.class, domainsOf(url));
    }

    /**
     * Requires that there is a secret text with this id that may be sent to this URL. May block.
     *
     * @param folder as in {@link #secretTexts}
     * @throws RefusedException if there is none; says what is there instead
     */
    public static void require(@Nullable String folder, String url, String id) {
        if (find(folder, url, id).isEmpty()) {
            throw new RefusedException(missing(folder, id));
        }
    }

    private static String missing(@Nullable String folder, String id) {
        return PlaceCredentials.missing("there is no secret text with the id '%s'", folder, id);
    }

    private static Optional<StringCredentials> find(@Nullable String folder, String url, String id) {
        return PlaceCredentials.find(folder, id, StringCredentials.class, domainsOf(url));
    }

    private static List<DomainRequirement> domainsOf(String url) {
        return URIRequirementBuilder.fromUri(url).build();
    }

    @Override
    public Optional<String> token() {
        return token;
    }
}
