package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;

/** The plan as a file that RabbitMQ loads by itself ({@code load_definitions}, {@code rabbitmqctl import_definitions}). */
public final class DefinitionsFile {

    private DefinitionsFile() {}

    /**
     * The whole file. A fresh password is written to its file; the definitions hold no password, only its salted hash.
     *
     * @throws InvalidInputException if an account's password is not known, or cannot be written
     */
    public static ObjectNode of(BrokerPlan plan) {
        ObjectNode all = Bodies.object();
        all.putArray("vhosts").addObject().put("name", plan.vhost());
        ArrayNode users = all.putArray("users");
        ArrayNode permissions = all.putArray("permissions");
        for (Grant grant : plan.grants()) {
            String user = grant.account().name();
            users.addObject().put("name", user).setAll(Users.credentials(grant.account()));
            grant.account().password().keep();
            permissions.addObject().put("user", user).put("vhost", plan.vhost()).setAll(Bodies.rights(grant.rights()));
        }
        ArrayNode policies = all.putArray("policies");
        plan.policies().forEach(policy -> named(policies, policy.name(), plan).setAll(Bodies.policy(policy)));
        ObjectNode exchange = named(all.putArray("exchanges"), plan.exchange(), plan);
        exchange.setAll(Bodies.exchange());
        exchange.putObject("arguments");
        ArrayNode queues = all.putArray("queues");
        plan.stream().ifPresent(stream -> named(queues, stream.name(), plan).setAll(Bodies.stream(stream)));
        return all;
    }

    private static ObjectNode named(ArrayNode list, String name, BrokerPlan plan) {
        return list.addObject().put("name", name).put("vhost", plan.vhost());
    }
}
