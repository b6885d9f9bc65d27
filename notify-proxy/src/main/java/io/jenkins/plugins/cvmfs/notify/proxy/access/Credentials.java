package io.jenkins.plugins.cvmfs.notify.proxy.access;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.transport.GatewayKey;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Denied;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.GatewayKeyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Grants;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.TokenConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LocalToken;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The tokens and gateway keys of one configuration, and the reading of {@code Authorization} headers: {@code Bearer TOKEN}, or the
 * gateway's {@code ID SIGNATURE}. Immutable.
 */
final class Credentials {

    /** The identity that an {@code Authorization} header proves. */
    sealed interface Identity {

        /** No credentials for this proxy were sent. */
        record Unknown() implements Identity {}

        /** The credentials are wrong, or cannot be checked now. */
        record Refused(Denied why) implements Identity {}

        /**
         * The credentials are valid.
         *
         * @param name for the log
         * @param shortfall a clause about what the credentials lack for other rights; empty if nothing is known
         */
        record Known(String name, Grants grants, String shortfall) implements Identity {}
    }

    private record KeyEntry(GatewayKey key, Grants grants) {}

    private static final Identity UNKNOWN = new Identity.Unknown();
    private static final Identity WRONG = new Identity.Refused(
            new Denied(Denial.INVALID_CREDENTIALS, "the credentials in the Authorization header are not valid"));

    /** Schemes that a web server in front may require and forward. */
    private static final Set<String> SCHEMES_OF_OTHERS = Set.of("basic", "digest", "negotiate", "ntlm");

    /** Compared with if the id is unknown, so that the answer takes the same time. */
    private static final TokenHash NO_TOKEN = TokenHash.mint().hash();

    private static final GatewayKey NO_KEY = GatewayKey.parse("plain_text nobody " + UUID.randomUUID());

    private final Map<String, TokenConfig> tokens;
    private final Map<String, TokenConfig> localTokens;
    private final Map<String, KeyEntry> gatewayKeys;
    private final boolean hasIssuers;

    /**
     * Reads the files of the gateway keys.
     *
     * @param localToken of this machine; empty if there is none
     * @throws InvalidInputException if a key cannot be read, or two keys or tokens have one id
     */
    Credentials(AccessConfig config, Optional<TokenConfig> localToken) {
        this.tokens = tokensById(config.tokens());
        this.localTokens = tokensById(localToken.stream().toList());
        this.gatewayKeys = keysById(config.gatewayKeys());
        this.hasIssuers = !config.identities().isEmpty();
    }

    private static Map<String, TokenConfig> tokensById(List<TokenConfig> tokens) {
        Map<String, TokenConfig> byId = new HashMap<>();
        for (TokenConfig token : tokens) {
            TokenConfig other = byId.putIfAbsent(token.hash().id(), token);
            if (other != null) {
                throw new InvalidInputException(
                        "access.tokens: '%s' and '%s' have the same token".formatted(other.name(), token.name()));
            }
        }
        return Map.copyOf(byId);
    }

    private static Map<String, KeyEntry> keysById(List<GatewayKeyConfig> keys) {
        Map<String, KeyEntry> byId = new HashMap<>();
        for (GatewayKeyConfig config : keys) {
            GatewayKey key = GatewayKey.read(config.file());
            if (byId.putIfAbsent(key.id(), new KeyEntry(key, config.grants())) != null) {
                throw new InvalidInputException(
                        "access.gateway_keys: %s has the id of another key".formatted(config.file()));
            }
        }
        return Map.copyOf(byId);
    }

    int tokens() {
        return tokens.size();
    }

    int gatewayKeys() {
        return gatewayKeys.size();
    }

    /**
     * Identifies the sender of a header. If the configuration has neither tokens nor keys nor issuers, no credentials are wrong, so that
     * clients can get theirs before the proxy does. A local token of another machine is never wrong: the command line sends its own to
     * whatever listens on the loopback, which may be a tunnel to here. This machine's own is valid over the loopback only, so that a copy
     * of it, in a machine image or kept by a listener, grants nothing from elsewhere.
     *
     * @param authorization the values of the header
     * @param body what a gateway key would have signed
     * @param isLocal whether the connection comes from a program on this machine
     */
    Identity identify(List<Secret> authorization, byte[] body, boolean isLocal) {
        if (authorization.isEmpty()) {
            return UNKNOWN;
        }
        Identity identity = read(authorization, body, isLocal);
        return identity == WRONG && tokens.isEmpty() && gatewayKeys.isEmpty() && !hasIssuers ? UNKNOWN : identity;
    }

    /**
     * Returns the token in these credentials that an issuer has to vouch for; empty if there is none, or no issuer. Such a token counts
     * only where it is verified; elsewhere it is as if none were sent, since it expires long before a subscriber's connection.
     */
    Optional<Secret> identityToken(List<Secret> authorization) {
        if (!hasIssuers || authorization.size() != 1) {
            return Optional.empty();
        }
        String[] words = authorization.get(0).value().strip().split(" +", -1);
        return words.length == 2 && words[0].equalsIgnoreCase("bearer") && isIdentityToken(words[1])
                ? Optional.of(new Secret(words[1]))
                : Optional.empty();
    }

    /** A signed JWT: three parts, of which the first one is a JSON object. */
    private static boolean isIdentityToken(String token) {
        return token.startsWith("eyJ")
                && token.chars().filter(letter -> letter == '.').count() == 2;
    }

    /** Returns true if these are neither of this proxy's nor of a web server in front, so that they may be for the server that it relays. */
    static boolean mayBeForUpstream(List<Secret> authorization) {
        if (authorization.size() != 1) {
            return false;
        }
        String[] words = authorization.get(0).value().strip().split(" +", -1);
        return words.length == 2
                && !SCHEMES_OF_OTHERS.contains(words[0].toLowerCase(Locale.ROOT))
                && !LocalToken.isOne(words[1]);
    }

    private Identity read(List<Secret> authorization, byte[] body, boolean isLocal) {
        String[] words = authorization.get(0).value().strip().split(" +", -1);
        String scheme = words[0].toLowerCase(Locale.ROOT);
        if (SCHEMES_OF_OTHERS.contains(scheme)) {
            return UNKNOWN;
        }
        if (authorization.size() > 1 || words.length != 2) {
            return WRONG;
        }
        return scheme.equals("bearer") ? bearer(words[1], isLocal) : signer(words[0], words[1], body);
    }

    private Identity bearer(String token, boolean isLocal) {
        if (LocalToken.isOne(token)) {
            return isLocal ? owner(token, localTokens, UNKNOWN) : UNKNOWN;
        }
        return hasIssuers && isIdentityToken(token) ? UNKNOWN : owner(token, tokens, WRONG);
    }

    private static Identity owner(String token, Map<String, TokenConfig> known, Identity otherwise) {
        TokenConfig named = TokenHash.idIn(token).map(known::get).orElse(null);
        boolean matches = (named == null ? NO_TOKEN : named.hash()).isOf(token);
        return named != null && matches ? new Identity.Known("token " + named.name(), named.grants(), "") : otherwise;
    }

    private Identity signer(String id, String signature, byte[] body) {
        KeyEntry named = gatewayKeys.get(id);
        boolean signed = (named == null ? NO_KEY : named.key()).hasSigned(body, signature);
        return named != null && signed ? new Identity.Known("gateway key " + id, named.grants(), "") : WRONG;
    }
}
