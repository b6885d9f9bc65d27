package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.StreamSegments;

/** What the broker is to have, in the fields that the management API and definitions files share. */
final class Bodies {

    private Bodies() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static ObjectNode rights(BrokerPermissions rights) {
        return object().put("configure", rights.configure())
                .put("write", rights.write())
                .put("read", rights.read());
    }

    static ObjectNode exchange() {
        return object().put("type", "direct")
                .put("durable", true)
                .put("auto_delete", false)
                .put("internal", false);
    }

    static ObjectNode stream(StreamPlan stream) {
        ObjectNode body = object().put("durable", true).put("auto_delete", false);
        ObjectNode arguments = body.putObject("arguments")
                .put("x-queue-type", "stream")
                .put("x-stream-max-segment-size-bytes", StreamSegments.bytes(stream.maxBytes()));
        stream.replicas().ifPresent(replicas -> arguments.put("x-initial-cluster-size", replicas));
        return body;
    }

    static ObjectNode policy(QueuePolicy policy) {
        ObjectNode body = object().put("pattern", policy.pattern())
                .put("apply-to", "queues")
                .put("priority", 0);
        body.putObject("definition").put("max-length-bytes", policy.maxBytes());
        return body;
    }
}
