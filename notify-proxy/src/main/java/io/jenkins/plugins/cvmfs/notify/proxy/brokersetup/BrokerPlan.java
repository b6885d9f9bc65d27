package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.BrokerTopology;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The state that a broker must have, and its JSON: the management API and RabbitMQ's definitions files share the same fields.
 *
 * @param vhost the virtual host
 * @param exchange the direct, durable exchange
 * @param stream the stream, and the proxies' right to it; empty gives the proxies the original service's rights
 * @param proxy the user of the proxies
 * @param publisher a user that publishes to the exchange without a proxy, and may do nothing else
 */
public record BrokerPlan(
        String vhost, String exchange, Optional<LogStream> stream, Account proxy, Optional<Account> publisher) {

    /** A user of the broker, and where its password comes from. */
    public record Account(String name, PasswordSource password) {

        /**
         * The user without tags, who may not use the management API.
         *
         * @throws InvalidInputException if the password is not known
         */
        ObjectNode json() {
            ObjectNode body = object().put("password_hash", PasswordHash.of(password.secret(name)))
                    .put("hashing_algorithm", PasswordHash.ALGORITHM);
            body.putArray("tags");
            return body;
        }
    }

    /**
     * The stream that all proxies share as their log.
     *
     * @param name its queue name
     * @param maxBytes the size above which it drops the oldest messages; set by a policy, which can be changed later
     * @param replicas on how many nodes of a cluster it is made; empty leaves it to the broker, which takes all nodes that are up
     */
    public record LogStream(String name, long maxBytes, OptionalInt replicas) {

        ObjectNode json() {
            ObjectNode body = object().put("durable", true).put("auto_delete", false);
            ObjectNode arguments = body.putObject("arguments")
                    .put("x-queue-type", "stream")
                    .put("x-stream-max-segment-size-bytes", BrokerTopology.segmentBytes(maxBytes));
            replicas.ifPresent(count -> arguments.put("x-initial-cluster-size", count));
            return body;
        }
    }

    /**
     * The rights of a user on the virtual host: three regular expressions over the names of exchanges and queues.
     *
     * @param configure what it may create and delete
     * @param write what it may publish to, and bind to
     * @param read what it may consume from, and bind from
     */
    record Permissions(String configure, String write, String read) {

        private static final String ALL = ".*";
        private static final String NONE = "^$";

        /** For the administrator who makes exchange and stream. */
        static final Permissions EVERYTHING = new Permissions(ALL, ALL, ALL);

        /** For a proxy: server-named queues and the given names. With only the exchange, they equal the original service's. */
        static Permissions ofProxy(String... names) {
            String own = "^(amq\\.gen.*|"
                    + Arrays.stream(names).map(Permissions::literally).collect(Collectors.joining("|")) + ")$";
            return new Permissions(own, own, ALL);
        }

        /** For a program that publishes to the exchange itself, and does nothing else. */
        static Permissions ofPublisher(String exchange) {
            return new Permissions(NONE, "^" + literally(exchange) + "$", NONE);
        }

        private static String literally(String name) {
            return name.replaceAll("[^A-Za-z0-9_/:@-]", "\\\\$0");
        }

        ObjectNode json() {
            return object().put("configure", configure).put("write", write).put("read", read);
        }
    }

    /**
     * A limit on queues that can be changed while they are in use.
     *
     * @param pattern of the queues' names
     * @param maxBytes the size above which the oldest messages are dropped
     */
    record QueuePolicy(String name, String pattern, long maxBytes) {

        /** Keeps a proxy that hangs, or an original service, from filling the broker's memory. About 40,000 messages. */
        private static final QueuePolicy SERVER_NAMED =
                new QueuePolicy("cvmfs-notify-queues", "^amq\\.gen", 64L * 1024 * 1024);

        private static QueuePolicy limiting(LogStream stream) {
            return new QueuePolicy(
                    "cvmfs-notify-stream", "^" + Permissions.literally(stream.name()) + "$", stream.maxBytes());
        }

        ObjectNode json() {
            ObjectNode body =
                    object().put("pattern", pattern).put("apply-to", "queues").put("priority", 0);
            body.putObject("definition").put("max-length-bytes", maxBytes);
            return body;
        }
    }

    List<Account> accounts() {
        return Stream.concat(Stream.of(proxy), publisher.stream()).toList();
    }

    Permissions permissionsOf(Account account) {
        if (!account.equals(proxy)) {
            return Permissions.ofPublisher(exchange);
        }
        return stream.map(log -> Permissions.ofProxy(exchange, log.name()))
                .orElseGet(() -> Permissions.ofProxy(exchange));
    }

    List<QueuePolicy> policies() {
        return Stream.concat(
                        Stream.of(QueuePolicy.SERVER_NAMED), stream.stream().map(QueuePolicy::limiting))
                .toList();
    }

    static ObjectNode exchangeJson() {
        return object().put("type", "direct")
                .put("durable", true)
                .put("auto_delete", false)
                .put("internal", false);
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /**
     * Returns the plan as a file that RabbitMQ loads itself ({@code load_definitions}, {@code rabbitmqctl import_definitions}). A new
     * password is written to its file; the definitions contain only its salted hash.
     *
     * @throws InvalidInputException if an account's password is not known, or cannot be written
     */
    public ObjectNode definitions() {
        ObjectNode all = object();
        all.putArray("vhosts").addObject().put("name", vhost);
        ArrayNode users = all.putArray("users");
        ArrayNode permissions = all.putArray("permissions");
        for (Account account : accounts()) {
            users.addObject().put("name", account.name()).setAll(account.json());
            account.password().save();
            permissions
                    .addObject()
                    .put("user", account.name())
                    .put("vhost", vhost)
                    .setAll(permissionsOf(account).json());
        }
        ArrayNode policies = all.putArray("policies");
        policies().forEach(policy -> named(policies, policy.name()).setAll(policy.json()));
        ObjectNode exchanges = named(all.putArray("exchanges"), exchange);
        exchanges.setAll(exchangeJson());
        exchanges.putObject("arguments");
        ArrayNode queues = all.putArray("queues");
        stream.ifPresent(log -> named(queues, log.name()).setAll(log.json()));
        return all;
    }

    private ObjectNode named(ArrayNode list, String name) {
        return list.addObject().put("name", name).put("vhost", vhost);
    }
}
