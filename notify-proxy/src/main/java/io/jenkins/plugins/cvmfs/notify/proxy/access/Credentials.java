package io.jenkins.plugins.cvmfs.notify.proxy.access;

import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LocalToken;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenConfig;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads {@code Authorization} headers: {@code Bearer TOKEN}, or the gateway's {@code ID SIGNATURE}. Immutable. */
final class Credentials {

    private static final CallerIdentity UNKNOWN = new CallerIdentity.Unknown();
    private static final CallerIdentity WRONG = new CallerIdentity.Wrong();

    /** What a web server in front may have asked for and passed on; none of our business. */
    private static final Set<String> OTHERS = Set.of("basic", "digest", "negotiate", "ntlm");

    private final Tokens tokens;
    private final Tokens local;
    private final GatewayKeys gatewayKeys;

    private Credentials(Tokens tokens, Tokens local, GatewayKeys gatewayKeys) {
        this.tokens = tokens;
        this.local = local;
        this.gatewayKeys = gatewayKeys;
    }

    /**
     * @param localToken of this machine; empty if there is none
     * @throws io.jenkins.plugins.cvmfs.notify.client.InvalidInputException if a key cannot be read, or two have one id
     */
    static Credentials of(AccessConfig config, Optional<TokenConfig> localToken) {
        return new Credentials(
                new Tokens(config.tokens()),
                new Tokens(localToken.stream().toList()),
                GatewayKeys.read(config.gatewayKeys()));
    }

    int tokens() {
        return tokens.count();
    }

    int gatewayKeys() {
        return gatewayKeys.count();
    }

    /**
     * Who sent the header. Where the configuration has neither tokens nor keys, none is wrong, so that clients can be given theirs before the
     * proxy is. A local token of another machine is not wrong anywhere: the command line sends its own to whatever listens on the loopback, and
     * that may be a tunnel to here. This machine's own counts over the loopback only, so that a copy of it, in the image of a machine or kept by
     * whoever listened, opens nothing from elsewhere.
     *
     * @param body what a gateway key would have signed
     * @param isLocal whether the connection comes from a program on this machine
     */
    CallerIdentity identify(List<Secret> authorization, byte[] body, boolean isLocal) {
        if (authorization.isEmpty()) {
            return UNKNOWN;
        }
        CallerIdentity identity = read(authorization, body, isLocal);
        return identity == WRONG && tokens.isEmpty() && gatewayKeys.isEmpty() ? UNKNOWN : identity;
    }

    private CallerIdentity read(List<Secret> authorization, byte[] body, boolean isLocal) {
        String[] words = authorization.get(0).value().strip().split(" +", -1);
        String scheme = words[0].toLowerCase(Locale.ROOT);
        if (OTHERS.contains(scheme)) {
            return UNKNOWN;
        }
        if (authorization.size() > 1 || words.length != 2) {
            return WRONG;
        }
        return scheme.equals("bearer") ? bearer(words[1], isLocal) : signer(words[0], words[1], body);
    }

    private CallerIdentity bearer(String token, boolean isLocal) {
        if (LocalToken.isOne(token)) {
            return Optional.of(token)
                    .filter(any -> isLocal)
                    .flatMap(local::find)
                    .map(Credentials::known)
                    .orElse(UNKNOWN);
        }
        return tokens.find(token).map(Credentials::known).orElse(WRONG);
    }

    private static CallerIdentity known(TokenConfig token) {
        return new CallerIdentity.Known("token " + token.name(), token.grants());
    }

    private CallerIdentity signer(String id, String signature, byte[] body) {
        return gatewayKeys
                .find(id, signature, body)
                .<CallerIdentity>map(grants -> new CallerIdentity.Known("gateway key " + id, grants))
                .orElse(WRONG);
    }
}
