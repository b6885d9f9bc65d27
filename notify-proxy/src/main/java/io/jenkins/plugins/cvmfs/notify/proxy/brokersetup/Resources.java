package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** A plan as things that the management API knows, in the order in which they can be made. */
final class Resources {

    private Resources() {}

    /**
     * @param administrator who makes them: needs rights of its own on the virtual host, which one that the broker makes by any other
     *     way than its management API does not give
     */
    static List<BrokerResource> of(BrokerPlan plan, String administrator) {
        String vhost = plan.vhost();
        List<BrokerResource> all = new ArrayList<>();
        all.add(BrokerResource.thatExists("vhost", vhost, List.of("vhosts", vhost), Bodies.object()));
        all.add(BrokerResource.thatExists(
                "permission",
                administrator,
                List.of("permissions", vhost, administrator),
                Bodies.rights(BrokerPermissions.EVERYTHING)));
        for (Grant grant : plan.grants()) {
            String user = grant.account().name();
            all.add(Users.resource(grant.account()));
            all.add(BrokerResource.withFields(
                    "permission", user, List.of("permissions", vhost, user), Bodies.rights(grant.rights()), true));
        }
        all.add(BrokerResource.withFields(
                "exchange", plan.exchange(), List.of("exchanges", vhost, plan.exchange()), Bodies.exchange(), false));
        plan.policies()
                .forEach(policy -> all.add(BrokerResource.withFields(
                        "policy",
                        policy.name(),
                        List.of("policies", vhost, policy.name()),
                        Bodies.policy(policy),
                        true)));
        plan.stream().ifPresent(stream -> all.add(stream(plan, stream)));
        return all;
    }

    static List<String> pathOf(BrokerPlan plan, StreamPlan stream) {
        return List.of("queues", plan.vhost(), stream.name());
    }

    /** One that is there is right with any limits, as long as it is a stream. */
    private static BrokerResource stream(BrokerPlan plan, StreamPlan stream) {
        ObjectNode body = Bodies.stream(stream);
        return new BrokerResource(
                "queue",
                stream.name(),
                pathOf(plan, stream),
                there -> body,
                Resources::unlikeStream,
                false,
                BrokerResource.NOTHING);
    }

    private static List<String> unlikeStream(JsonNode queue) {
        String type = queue.path("arguments").path("x-queue-type").asText("classic");
        return type.equals("stream") ? List.of() : List.of("it is a %s queue and no stream".formatted(type));
    }
}
