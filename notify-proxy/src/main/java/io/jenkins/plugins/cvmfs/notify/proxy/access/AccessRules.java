package io.jenkins.plugins.cvmfs.notify.proxy.access;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Credentials.Identity;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Denied;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Granted;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.IfVerified;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.UpToUpstream;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousSubscribe;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.CertificateConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Grants;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.TokenConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LocalToken;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.config.UpstreamConfig.PublishUse;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Peer;
import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The access rules of one configuration. A right comes from credentials, a client certificate, a network, or what the configuration
 * allows everyone; any one of these is enough. Wrong credentials are refused even where none are needed, so that a mistake shows.
 *
 * <p>Immutable and thread-safe; fast enough for event loops: nothing here takes longer than a hash of the body.
 */
public final class AccessRules {

    private static final Logger LOG = LoggerFactory.getLogger(AccessRules.class);
    static final byte[] NO_BODY = {};

    /** RFC 5280: rfc822Name, dNSName, uniformResourceIdentifier, iPAddress. */
    private static final Set<Integer> ALTERNATIVE_NAMES_IN_TEXT = Set.of(1, 2, 6, 7);

    private final AccessConfig config;
    private final Credentials credentials;
    private final boolean passesCredentials;
    private final Optional<IdentityTokens> identityTokens;

    private AccessRules(
            AccessConfig config,
            Credentials credentials,
            boolean passesCredentials,
            Optional<IdentityTokens> identityTokens) {
        this.config = config;
        this.credentials = credentials;
        this.passesCredentials = passesCredentials;
        this.identityTokens = identityTokens;
    }

    /**
     * Reads the files of keys and of the local token that the configuration names. An unusable local token is logged and ignored. If the
     * proxy is a relay that passes credentials of publishers on, those that are not its own are for its upstream to judge.
     *
     * @param identityTokens verifies the tokens of CI systems; closed by its owner
     * @throws InvalidInputException if a key cannot be used; the message names it
     */
    public static AccessRules read(ProxyConfig config, IdentityTokens identityTokens) {
        boolean passesCredentials = config.upstream()
                .filter(upstream -> upstream.publish() == PublishUse.AS_CALLER)
                .isPresent();
        AccessConfig access = config.access();
        return new AccessRules(
                access, new Credentials(access, localToken(access)), passesCredentials, Optional.of(identityTokens));
    }

    private static Optional<TokenConfig> localToken(AccessConfig config) {
        try {
            return config.localTokenFile().flatMap(LocalToken::entry);
        } catch (InvalidInputException e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("local token not used");
            return Optional.empty();
        }
    }

    /**
     * Reads the files of keys that the configuration names, for a server that verifies no tokens of CI systems.
     *
     * @param localToken of this machine; empty if there is none
     */
    public static AccessRules of(AccessConfig config, Optional<TokenConfig> localToken) {
        return new AccessRules(config, new Credentials(config, localToken), false, Optional.empty());
    }

    /**
     * Verifies the caller's identity token, if it sent one, and returns the caller for the decisions below, which do not wait. Without such
     * a token the future is complete; it always completes normally, within the time limit of the issuer's keys.
     */
    public CompletableFuture<Caller> identified(Caller caller) {
        return identityTokens
                .flatMap(tokens -> credentials
                        .identityToken(caller.authorization())
                        .map(token ->
                                tokens.identify(token, caller.peer().network()).thenApply(caller::as)))
                .orElseGet(() -> CompletableFuture.completedFuture(caller));
    }

    /**
     * Decides whether the caller may announce revisions of this repository.
     *
     * @param body of the request, which a gateway key would have signed
     */
    public Permission mayPublish(Caller caller, RepositoryName repository, byte[] body) {
        return mayPublish(caller, body, grants -> grants.mayPublish(repository), repository.toString());
    }

    /**
     * Decides whether the caller may announce revisions of any repository at all; asked before a long body is parsed.
     *
     * @param body of the request, which a gateway key would have signed
     */
    public Permission mayPublishSome(Caller caller, byte[] body) {
        return mayPublish(caller, body, Grants::mayPublishSome, "REPOSITORY");
    }

    private Permission mayPublish(Caller caller, byte[] body, Predicate<Grants> wanted, String what) {
        Identity identity = identify(caller, body);
        if (passesCredentials
                && !(identity instanceof Identity.Known)
                && Credentials.mayBeForUpstream(caller.authorization())) {
            return new UpToUpstream(
                    "credentials from " + caller.peer().network().getHostAddress());
        }
        if (identity instanceof Identity.Refused refused) {
            return refused.why();
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

    /** Decides whether the caller may have a repository forgotten: never without credentials. */
    public Permission mayForget(Caller caller, RepositoryName repository) {
        return ownRight(caller, grants -> grants.mayForget(repository), "forget", repository.toString());
    }

    /** Decides whether the caller may have a repository's manifest read and announced: never without a right of its own. */
    public Permission mayRefresh(Caller caller, RepositoryName repository) {
        return ownRight(caller, grants -> grants.mayRefresh(repository), "refresh", repository.toString());
    }

    /**
     * Decides the same for a token in the path of a request, of a caller that can only call a URL. URLs end up in logs and histories, so it
     * must be a token without any other right.
     */
    public Permission mayRefresh(Secret tokenInPath, RepositoryName repository) {
        Secret authorization = new Secret("Bearer " + tokenInPath.value());
        if (!(credentials.identify(List.of(authorization), NO_BODY, false) instanceof Identity.Known known)) {
            return new Denied(Denial.INVALID_CREDENTIALS, "the token in the path is not valid");
        }
        if (!known.grants().refreshOnly()) {
            return new Denied(
                    Denial.NOT_ALLOWED,
                    "a token with other rights than refresh is not taken from a path, which may be logged: send it in the Authorization header, or make another token");
        }
        return known.grants().mayRefresh(repository)
                ? new Granted(known.name())
                : denied(known, "refresh", repository.toString());
    }

    /** Decides whether the caller may see who was refused: with a right to publish of its own. */
    Permission maySeeRefusals(Caller caller) {
        return ownRight(caller, Grants::mayPublishSome, "publish", "REPOSITORY");
    }

    private Permission ownRight(Caller caller, Predicate<Grants> wanted, String right, String what) {
        Identity identity = identify(caller, NO_BODY);
        if (identity instanceof Identity.Refused refused) {
            return refused.why();
        }
        return holder(identity, caller.peer(), wanted)
                .<Permission>map(Granted::new)
                .orElseGet(() -> denied(identity, right, what));
    }

    /** Returns what a subscriber may subscribe to, for as long as it is connected. */
    public SubscriberRights subscriber(Caller caller) {
        Identity identity = identify(caller, NO_BODY);
        AnonymousSubscribe anonymous = config.anonymousSubscribe();
        boolean isOpen = anonymous == AnonymousSubscribe.EVERYONE
                || (anonymous == AnonymousSubscribe.LOOPBACK && caller.isLocalProgram());
        return new SubscriberRights(identity, caller.peer(), isOpen);
    }

    /** The repositories that one subscriber may subscribe to. Immutable and thread-safe. */
    public final class SubscriberRights {

        private final Identity identity;
        private final Peer peer;
        private final boolean isOpen;

        /** @param isOpen whether it needs no right */
        private SubscriberRights(Identity identity, Peer peer, boolean isOpen) {
            this.identity = identity;
            this.peer = peer;
            this.isOpen = isOpen;
        }

        /** Decides whether it may subscribe to this repository: granted or denied. */
        public Permission check(RepositoryName repository) {
            if (identity instanceof Identity.Refused refused) {
                return refused.why();
            }
            return isOpen || isGranted(repository)
                    ? Granted.TO_EVERYONE
                    : denied(identity, "subscribe", repository.toString());
        }

        /** Returns true if a credential, a certificate or an address grants this subscriber the right. */
        public boolean isGranted(RepositoryName repository) {
            return holder(identity, peer, grants -> grants.maySubscribe(repository))
                    .isPresent();
        }

        /** Returns the subscriber's address. */
        public String address() {
            return peer.address().getHostAddress();
        }

        /** Returns what the subscriber is counted by: its IPv4 address or IPv6 network. */
        public InetAddress network() {
            return peer.network();
        }
    }

    /** @param body of the request, which a gateway key would have signed */
    Identity identify(Caller caller, byte[] body) {
        return caller.ciIdentity() != null
                ? caller.ciIdentity()
                : credentials.identify(
                        caller.authorization(), body, caller.peer().isLocal());
    }

    /**
     * Returns true if the value of an {@code Authorization} header is valid, whatever it grants; the local token from anywhere, since this
     * only permits to look.
     */
    public boolean knows(String authorization) {
        return credentials.identify(List.of(new Secret(authorization)), NO_BODY, true) instanceof Identity.Known;
    }

    /** Returns everything that is granted to the caller: by its credentials, address and certificate, and what everyone may do. */
    List<Grants> grants(Caller caller) {
        List<Grants> all = new ArrayList<>();
        if (identify(caller, NO_BODY) instanceof Identity.Known known) {
            all.add(known.grants());
        }
        Peer peer = caller.peer();
        config.networks().stream()
                .filter(network -> peer.isAddressKnown() && network.contains(peer.address()))
                .forEach(network -> all.add(network.grants()));
        peer.certificate()
                .ifPresent(certificate -> config.certificates().stream()
                        .filter(known -> matches(known, certificate))
                        .forEach(known -> all.add(known.grants())));
        boolean publishes = mayPublish(caller, NO_BODY, grants -> false, "REPOSITORY") instanceof Granted;
        all.add(new Grants(
                publishes ? Grants.ALL.publish() : List.of(),
                subscriber(caller).isOpen ? Grants.ALL.subscribe() : List.of()));
        return all;
    }

    /** Names the credential, network or certificate that grants what is wanted; empty if none does. */
    private Optional<String> holder(Identity identity, Peer peer, Predicate<Grants> wanted) {
        if (identity instanceof Identity.Known known && wanted.test(known.grants())) {
            return Optional.of(known.name());
        }
        if (peer.isAddressKnown()
                && config.networks().stream()
                        .anyMatch(network -> network.contains(peer.address()) && wanted.test(network.grants()))) {
            return Optional.of("address " + peer.network().getHostAddress());
        }
        return peer.certificate()
                .filter(certificate -> config.certificates().stream()
                        .anyMatch(known -> matches(known, certificate) && wanted.test(known.grants())))
                .map(certificate -> "certificate " + certificate.getSubjectX500Principal());
    }

    /** Says which right is missing and how to get it: a caller on another machine sees nothing else. */
    private static Denied denied(Identity identity, String right, String repository) {
        String action = right.equals("subscribe") ? "subscribe to" : right;
        return identity instanceof Identity.Known known
                ? new Denied(
                        Denial.NOT_ALLOWED,
                        "these credentials lack the right to %s %s; %s"
                                .formatted(
                                        action,
                                        repository,
                                        known.shortfall().isEmpty()
                                                ? "the server's administrator can add it to the %s list of their entry"
                                                        .formatted(right)
                                                : known.shortfall()))
                : new Denied(
                        Denial.CREDENTIALS_NEEDED,
                        "credentials with the right to %s %s are needed; on the server's machine make a token: notify-proxy token --name NAME --%s %2$s"
                                .formatted(action, repository, right));
    }

    /** Returns a summary for the log. */
    public String summary() {
        return "publish without credentials: %s; subscribe without credentials: %s; tokens: %d, gateway keys: %d, certificates: %d, networks: %d, CI identities: %d"
                .formatted(
                        config.anonymousPublish().text(),
                        word(config.anonymousSubscribe()),
                        credentials.tokens(),
                        credentials.gatewayKeys(),
                        config.certificates().size(),
                        config.networks().size(),
                        config.identities().size());
    }

    /** Compares a client certificate, which the TLS handshake has verified, with an entry. Names in the DNS ignore case. */
    private static boolean matches(CertificateConfig config, X509Certificate certificate) {
        return config.subject()
                        .filter(certificate.getSubjectX500Principal()::equals)
                        .isPresent()
                || config.alternativeName()
                        .filter(wanted -> alternativeNames(certificate).anyMatch(wanted::equalsIgnoreCase))
                        .isPresent();
    }

    private static Stream<String> alternativeNames(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? Stream.empty()
                    : names.stream()
                            .filter(name -> ALTERNATIVE_NAMES_IN_TEXT.contains(name.get(0)))
                            .map(name -> String.valueOf(name.get(1)));
        } catch (CertificateParsingException e) {
            return Stream.empty();
        }
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
