package io.jenkins.plugins.cvmfs.notify.proxy.access;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Denied;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Granted;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.IfVerified;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousSubscribe;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Grants;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenConfig;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Who may do what, by one configuration. A right comes from credentials, from a client certificate, from a network or from what
 * the configuration allows everyone; any one of these is enough. Wrong credentials are refused even where none are needed, so that
 * a mistake shows.
 *
 * <p>Immutable; any thread may use it, event loops too: nothing here takes longer than a hash of the body.
 */
public final class AccessRules {

    private static final byte[] NO_BODY = {};
    private static final Denied WRONG =
            new Denied(Denial.INVALID_CREDENTIALS, "the credentials in the Authorization header are not valid");

    private final AccessConfig config;
    private final Credentials credentials;

    private AccessRules(AccessConfig config, Credentials credentials) {
        this.config = config;
        this.credentials = credentials;
    }

    /** Without a local token. */
    public static AccessRules of(AccessConfig config) {
        return of(config, Optional.empty());
    }

    /**
     * Reads the files of keys that the configuration names.
     *
     * @param localToken of this machine; empty if there is none
     * @throws io.jenkins.plugins.cvmfs.notify.client.InvalidInputException if one cannot be used, naming it
     */
    public static AccessRules of(AccessConfig config, Optional<TokenConfig> localToken) {
        return new AccessRules(config, Credentials.of(config, localToken));
    }

    /**
     * Whether the caller may announce revisions of this repository.
     *
     * @param body of the request, which a gateway key would have signed
     */
    public Permission mayPublish(Caller caller, RepositoryName repository, byte[] body) {
        return mayPublish(caller, body, grants -> grants.mayPublish(repository), repository.toString());
    }

    /**
     * Whether the caller may announce revisions of any repository at all: to be asked before a body is parsed that takes long to parse.
     *
     * @param body of the request, which a gateway key would have signed
     */
    public Permission mayPublishSome(Caller caller, byte[] body) {
        return mayPublish(caller, body, Grants::mayPublishSome, "REPOSITORY");
    }

    private Permission mayPublish(Caller caller, byte[] body, Predicate<Grants> wanted, String what) {
        CallerIdentity identity = identify(caller, body);
        if (identity instanceof CallerIdentity.Wrong) {
            return WRONG;
        }
        Optional<String> holder = holder(identity, caller.peer(), wanted);
        if (holder.isPresent()) {
            return new Granted(holder.get());
        }
        AnonymousPublish anonymous = config.anonymousPublish();
        if (anonymous.allowsLoopback() && caller.isLocalProgram()) {
            return new Granted("this machine");
        }
        if (anonymous == AnonymousPublish.EVERYONE) {
            return Granted.TO_EVERYONE;
        }
        Denied denied = denied(identity, "publish", what);
        return anonymous.allowsVerified() ? new IfVerified(denied) : denied;
    }

    /** Whether the caller may have a repository forgotten: never without credentials. */
    public Permission mayForget(Caller caller, RepositoryName repository) {
        CallerIdentity identity = identify(caller, NO_BODY);
        if (identity instanceof CallerIdentity.Wrong) {
            return WRONG;
        }
        return holder(identity, caller.peer(), grants -> grants.mayForget(repository))
                .<Permission>map(Granted::new)
                .orElseGet(() -> denied(identity, "forget", repository.toString()));
    }

    /** What a subscriber may hear of, for as long as it is connected. */
    public SubscriberRights subscriber(Caller caller) {
        CallerIdentity identity = identify(caller, NO_BODY);
        if (identity instanceof CallerIdentity.Wrong) {
            return repository -> WRONG;
        }
        AnonymousSubscribe anonymous = config.anonymousSubscribe();
        boolean isOpen = anonymous == AnonymousSubscribe.EVERYONE
                || (anonymous == AnonymousSubscribe.LOOPBACK && caller.isLocalProgram());
        return new Subscribing(identity, caller.peer(), isOpen);
    }

    private final class Subscribing implements SubscriberRights {

        private final CallerIdentity identity;
        private final Peer peer;
        private final boolean isOpen;
        private final NameHolder anonymous;

        /** @param isOpen whether it needs no credentials */
        Subscribing(CallerIdentity identity, Peer peer, boolean isOpen) {
            this.identity = identity;
            this.peer = peer;
            this.isOpen = isOpen;
            this.anonymous = new NameHolder(AddressGroup.of(peer.address()));
        }

        private boolean isGrantedTo(RepositoryName repository) {
            return AccessRules.this
                    .holder(identity, peer, grants -> grants.maySubscribe(repository))
                    .isPresent();
        }

        @Override
        public NameHolder holder(RepositoryName repository) {
            return isGrantedTo(repository) ? NameHolder.WITH_CREDENTIALS : anonymous;
        }

        @Override
        public Permission check(RepositoryName repository) {
            return isOpen || isGrantedTo(repository)
                    ? Granted.TO_EVERYONE
                    : denied(identity, "subscribe", repository.toString());
        }
    }

    private CallerIdentity identify(Caller caller, byte[] body) {
        return credentials.identify(caller.authorization(), body, caller.peer().isLocal());
    }

    /** Whether this is a good token or another good credential, whatever it grants; the local token from anywhere, as it is only to look. */
    public boolean knows(String authorization) {
        return credentials.identify(List.of(new Secret(authorization)), NO_BODY, true) instanceof CallerIdentity.Known;
    }

    /** Who has what is wanted: a word for the credential, the network or the certificate; empty if nobody. */
    private Optional<String> holder(CallerIdentity identity, Peer peer, Predicate<Grants> wanted) {
        if (identity instanceof CallerIdentity.Known known && wanted.test(known.grants())) {
            return Optional.of(known.name());
        }
        if (peer.isAddressKnown()
                && config.networks().stream()
                        .anyMatch(network -> network.contains(peer.address()) && wanted.test(network.grants()))) {
            return Optional.of("address " + AddressGroup.of(peer.address()).getHostAddress());
        }
        return peer.certificate()
                .filter(certificate -> config.certificates().stream()
                        .anyMatch(
                                known -> ClientCertificates.matches(known, certificate) && wanted.test(known.grants())))
                .map(certificate -> "certificate " + certificate.getSubjectX500Principal());
    }

    /** Says which right is missing, and how to get it; somebody on another machine sees nothing else. */
    private static Denied denied(CallerIdentity identity, String right, String repository) {
        String action = right.equals("subscribe") ? "subscribe to" : right;
        return identity instanceof CallerIdentity.Known
                ? new Denied(
                        Denial.NOT_ALLOWED,
                        "these credentials lack the right to %s %s; the server's administrator can add it to the %s list of their entry"
                                .formatted(action, repository, right))
                : new Denied(
                        Denial.CREDENTIALS_NEEDED,
                        "credentials with the right to %s %s are needed; on the server's machine make a token: notify-proxy token --name NAME --%s %2$s"
                                .formatted(action, repository, right));
    }

    /** What is open, in a few words for the log at start. */
    public String summary() {
        return "publish without credentials: %s; subscribe without credentials: %s; tokens: %d, gateway keys: %d, certificates: %d, networks: %d"
                .formatted(
                        config.anonymousPublish().text(),
                        word(config.anonymousSubscribe()),
                        credentials.tokens(),
                        credentials.gatewayKeys(),
                        config.certificates().size(),
                        config.networks().size());
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
