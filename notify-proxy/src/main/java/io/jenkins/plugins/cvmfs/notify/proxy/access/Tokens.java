package io.jenkins.plugins.cvmfs.notify.proxy.access;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The bearer tokens that are known, by their hashes. Immutable. */
final class Tokens {

    /** Compared with where no token has that id, so that this takes as long. */
    private static final TokenHash NOBODYS = TokenHash.mint(new SecureRandom()).hash();

    private final Map<String, TokenConfig> byId;

    /** @throws InvalidInputException if two have one id */
    Tokens(List<TokenConfig> tokens) {
        Map<String, TokenConfig> known = new HashMap<>();
        for (TokenConfig token : tokens) {
            TokenConfig other = known.putIfAbsent(token.hash().id(), token);
            if (other != null) {
                throw new InvalidInputException(
                        "access.tokens: '%s' and '%s' have the same token".formatted(other.name(), token.name()));
            }
        }
        this.byId = Map.copyOf(known);
    }

    boolean isEmpty() {
        return byId.isEmpty();
    }

    int count() {
        return byId.size();
    }

    /** Whose token it is; empty if nobody's. */
    Optional<TokenConfig> find(String token) {
        TokenConfig named = TokenHash.idIn(token).map(byId::get).orElse(null);
        boolean isIt = (named == null ? NOBODYS : named.hash()).isOf(token);
        return isIt ? Optional.ofNullable(named) : Optional.empty();
    }
}
