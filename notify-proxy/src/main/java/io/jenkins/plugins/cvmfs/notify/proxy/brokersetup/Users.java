package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import java.util.List;
import java.util.Optional;

/** A user as the management API has it. One that is there keeps its tags. */
final class Users {

    private Users() {}

    static BrokerResource resource(Account account) {
        return new BrokerResource(
                "user",
                account.name(),
                List.of("users", account.name()),
                there -> body(account, there),
                there -> differences(account, there),
                true,
                account.password()::keep);
    }

    private static List<String> differences(Account account, JsonNode there) {
        if (account.password() instanceof PasswordSource.Fresh fresh) {
            throw new InvalidInputException(
                    "the user %s is there already, but the file %s is not: write its password to the file, or a new one"
                            .formatted(account.name(), fresh.file()));
        }
        boolean isRight = !(account.password() instanceof PasswordSource.Known known)
                || PasswordHash.matches(
                        there.path("password_hash").asText(),
                        there.path("hashing_algorithm").asText(),
                        known.secret());
        return isRight ? List.of() : List.of("the password was another");
    }

    private static ObjectNode body(Account account, Optional<JsonNode> there) {
        ObjectNode body = credentials(account);
        there.ifPresent(user -> body.set("tags", user.path("tags")));
        return body;
    }

    /**
     * For a user without tags, who may not use the management API.
     *
     * @throws InvalidInputException if the password is not known
     */
    static ObjectNode credentials(Account account) {
        ObjectNode body = Bodies.object()
                .put("password_hash", PasswordHash.of(secret(account)))
                .put("hashing_algorithm", PasswordHash.ALGORITHM);
        body.set("tags", JsonNodeFactory.instance.arrayNode());
        return body;
    }

    private static Secret secret(Account account) {
        if (account.password() instanceof PasswordSource.Known known) {
            return known.secret();
        } else if (account.password() instanceof PasswordSource.Fresh fresh) {
            return fresh.secret();
        }
        throw new InvalidInputException(
                "the user %s needs a password: name the file that holds it, or that a new one is to be written to"
                        .formatted(account.name()));
    }
}
