package io.jenkins.plugins.cvmfs.notify.proxy.access;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.transport.GatewayKey;
import io.jenkins.plugins.cvmfs.notify.proxy.config.GatewayKeyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Grants;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The keys of the repository gateway that are known. Immutable. */
final class GatewayKeys {

    /** Compared with where no key has that id, so that this takes as long. */
    private static final GatewayKey NOBODYS = GatewayKey.parse("plain_text nobody " + UUID.randomUUID());

    private record Holder(GatewayKey key, Grants grants) {}

    private final Map<String, Holder> byId;

    private GatewayKeys(Map<String, Holder> byId) {
        this.byId = Map.copyOf(byId);
    }

    /**
     * Reads the files.
     *
     * @throws InvalidInputException if one cannot be read or holds no key, or two have one id
     */
    static GatewayKeys read(List<GatewayKeyConfig> keys) {
        Map<String, Holder> known = new HashMap<>();
        for (GatewayKeyConfig config : keys) {
            GatewayKey key = GatewayKey.read(config.file());
            if (known.putIfAbsent(key.id(), new Holder(key, config.grants())) != null) {
                throw new InvalidInputException(
                        "access.gateway_keys: %s has the id of another key".formatted(config.file()));
            }
        }
        return new GatewayKeys(known);
    }

    boolean isEmpty() {
        return byId.isEmpty();
    }

    int count() {
        return byId.size();
    }

    /** What the holder of the key may do; empty if there is no such key, or it has not signed the body. */
    Optional<Grants> find(String id, String signature, byte[] body) {
        Holder named = byId.get(id);
        boolean signed = (named == null ? NOBODYS : named.key()).hasSigned(body, signature);
        return signed ? Optional.ofNullable(named).map(Holder::grants) : Optional.empty();
    }
}
