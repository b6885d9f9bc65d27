package io.jenkins.plugins.cvmfs.notify.connection;

import com.cloudbees.plugins.credentials.CredentialsProvider;
import com.cloudbees.plugins.credentials.domains.URIRequirementBuilder;
import hudson.model.Run;
import hudson.security.ACL;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.client.transport.TokenSource;
import java.util.Optional;
import jenkins.model.Jenkins;
import org.jenkinsci.plugins.plaincredentials.StringCredentials;
import org.jspecify.annotations.Nullable;

/**
 * The bearer token of one server, from Jenkins' credentials. The network asks for it on threads that must not block, so it is
 * looked up when a build begins to use the server, and kept until the next build does.
 */
final class ServerToken implements TokenSource {

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
        StringCredentials credentials = CredentialsProvider.findCredentialByIdInItemGroup(
                id,
                StringCredentials.class,
                Jenkins.get(),
                ACL.SYSTEM2,
                URIRequirementBuilder.fromUri(server.url()).build());
        if (credentials == null) {
            throw new RefusedException("server %s: there is no secret text with the id '%s' among Jenkins' credentials"
                    .formatted(server, id));
        }
        if (build != null) {
            CredentialsProvider.track(build, credentials);
        }
        token = Optional.of(credentials.getSecret().getPlainText());
    }

    @Override
    public Optional<String> token() {
        return token;
    }
}
