package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One thing that the broker is to have.
 *
 * @param kind the kind, as the steps of a report name it
 * @param name its name, for a report
 * @param path where the management API has it, below {@code /api}, segments not encoded
 * @param body what is to be put there, given what is there now; may throw for a user's mistake
 * @param differences how what is there differs, in sentences; none if it is right
 * @param canChange whether putting the body changes one that is different
 * @param prepare what must be done before the body is put
 */
record BrokerResource(
        String kind,
        String name,
        List<String> path,
        Function<Optional<JsonNode>, ObjectNode> body,
        Function<JsonNode, List<String>> differences,
        boolean canChange,
        Runnable prepare) {

    /** To prepare where there is nothing to prepare. */
    static final Runnable NOTHING = () -> {};

    /** One whose fields, as far as they are named here, must have these values. */
    static BrokerResource withFields(
            String kind, String name, List<String> path, ObjectNode wanted, boolean canChange) {
        return new BrokerResource(
                kind, name, path, there -> wanted, there -> Differences.between(wanted, there), canChange, NOTHING);
    }

    /** One that is right whenever it is there. */
    static BrokerResource thatExists(String kind, String name, List<String> path, ObjectNode wanted) {
        return new BrokerResource(kind, name, path, there -> wanted, there -> List.of(), false, NOTHING);
    }

    /** What has to be done, given what is there. */
    Step step(Optional<JsonNode> there) {
        if (there.isEmpty()) {
            return new Step(kind, name, StepOutcome.CREATED, "");
        }
        List<String> different = differences.apply(there.get());
        if (different.isEmpty()) {
            return new Step(kind, name, StepOutcome.UNCHANGED, "");
        }
        return new Step(
                kind, name, canChange ? StepOutcome.CHANGED : StepOutcome.CONFLICT, String.join(", ", different));
    }
}
