package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Compares a broker with a plan, and makes it so. Doing it twice changes nothing the second time. What is in the way and cannot be
 * changed is reported and left as it is; everything else is done nevertheless.
 */
public final class BrokerSetup {

    private record Change(BrokerResource resource, Step step, Optional<ObjectNode> body) {}

    private final ManagementApi api;
    private final BrokerPlan plan;
    private final String version;
    private final List<Change> changes;

    private BrokerSetup(ManagementApi api, BrokerPlan plan, String version, List<Change> changes) {
        this.api = api;
        this.plan = plan;
        this.version = version;
        this.changes = changes;
    }

    /**
     * Looks at the broker, changing nothing.
     *
     * @throws NotifyException if it cannot be reached or will not do; the message says what to look at
     */
    public static BrokerSetup compare(ManagementApi api, BrokerPlan plan) {
        BrokerVersion version = version(api);
        if (plan.stream().isPresent()) {
            version.requireStreams();
        }
        requireAdministrator(api);
        List<Change> changes = Resources.of(plan, api.user()).stream()
                .map(resource -> change(resource, api.get(resource.path())))
                .toList();
        return new BrokerSetup(api, plan, version.text(), changes);
    }

    private static BrokerVersion version(ManagementApi api) {
        JsonNode overview = api.get(List.of("overview")).orElseThrow(BrokerSetup::noApi);
        JsonNode version = overview.path("rabbitmq_version");
        if (!version.isTextual()) {
            throw noApi();
        }
        return new BrokerVersion(version.asText());
    }

    private static PermanentFailureException noApi() {
        return new PermanentFailureException(
                "this is a web server, but not RabbitMQ's management API; give its address with --management");
    }

    private static void requireAdministrator(ManagementApi api) {
        String tags = api.get(List.of("whoami"))
                .map(self -> self.path("tags").toString())
                .orElse("");
        if (!tags.contains("administrator")) {
            throw new RefusedException("the user %1$s is no administrator: rabbitmqctl set_user_tags %1$s administrator"
                    .formatted(api.user()));
        }
    }

    private static Change change(BrokerResource resource, Optional<JsonNode> there) {
        Step step = resource.step(there);
        boolean isDue = step.outcome() == StepOutcome.CREATED || step.outcome() == StepOutcome.CHANGED;
        return new Change(resource, step, isDue ? Optional.of(resource.body().apply(there)) : Optional.empty());
    }

    /** What there is to do. */
    public SetupReport report() {
        return new SetupReport(version, changes.stream().map(Change::step).toList(), notes());
    }

    /**
     * Does it. A fresh password is written to its file before its user is made.
     *
     * @throws NotifyException if something cannot be done; what was done before stays, and the next run goes on from there
     */
    public void apply() {
        for (Change change : changes) {
            change.body().ifPresent(body -> {
                change.resource().prepare().run();
                api.put(change.resource().path(), body);
            });
        }
    }

    private List<String> notes() {
        List<String> notes = new ArrayList<>();
        plan.stream()
                .flatMap(stream -> api.get(Resources.pathOf(plan, stream)).map(queue -> StreamNotes.of(stream, queue)))
                .ifPresent(notes::addAll);
        return notes;
    }
}
