package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerPlan.Account;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerPlan.LogStream;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerPlan.Permissions;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerSetup.Outcome;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerSetup.Report;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerSetup.Step;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Management;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.NeedsRabbitMq;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.OwnedBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NeedsRabbitMq(owned = true)
class BrokerSetupIT {

    private static final long MIB = 1024 * 1024;
    private static final String STREAM = "cvmfs-notify.activity";

    private final Management raw;
    private final ManagementApi api;
    private final String vhost = "/setup-" + UUID.randomUUID();
    private final Account proxy = new Account("proxy-" + UUID.randomUUID(), known("old"));

    BrokerSetupIT(OwnedBroker broker) {
        this.raw = Management.of(broker);
        this.api = ManagementApi.at(
                broker.management(), OwnedBroker.ADMIN, new Secret(OwnedBroker.ADMIN), Optional.empty());
    }

    @AfterEach
    void removeVhostAndUser() {
        raw.delete("vhosts", vhost);
        raw.delete("users", proxy.name());
    }

    private static PasswordSource known(String password) {
        return new PasswordSource.Known(new Secret(password));
    }

    private BrokerPlan plan(Optional<LogStream> stream) {
        return new BrokerPlan(vhost, "repository.activity", stream, proxy, Optional.empty());
    }

    private BrokerPlan withStream() {
        return plan(Optional.of(new LogStream(STREAM, 64 * MIB, OptionalInt.empty())));
    }

    private Report make(BrokerPlan plan) {
        BrokerSetup setup = BrokerSetup.compare(api, plan);
        setup.apply();
        return setup.report();
    }

    /** Everything on the virtual host, with the rights of others than the administrator who made it. */
    private List<JsonNode> state() {
        return Stream.of(
                        List.of("definitions", vhost),
                        List.of("permissions", vhost, proxy.name()),
                        List.of("users", proxy.name()))
                .map(path -> api.get(path).orElseThrow())
                .map(found -> found.has("password_hash") ? ((ObjectNode) found).without("password_hash") : found)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theDefinitionsFileGivesTheSameBroker(boolean stream) {
        BrokerPlan plan = stream ? withStream() : plan(Optional.empty());
        make(plan);
        List<JsonNode> made = state();
        removeVhostAndUser();

        raw.post(plan.definitions().toString(), "definitions");

        assertThat(state()).isEqualTo(made);
        assertThat(BrokerSetup.compare(api, plan).report().steps())
                .extracting(Step::outcome)
                .containsOnly(Outcome.UNCHANGED);
    }

    @Test
    void aSecondRunChangesNothing() {
        Report first = make(withStream());
        List<JsonNode> made = state();

        Report second = make(withStream());

        assertThat(first.count(Outcome.CREATED)).isEqualTo(first.steps().size()).isEqualTo(8);
        assertThat(second.count(Outcome.UNCHANGED)).isEqualTo(8);
        assertThat(state()).isEqualTo(made);
    }

    @Test
    void comparingChangesNothing() {
        BrokerSetup.compare(api, withStream()).report();

        assertThat(api.get(List.of("vhosts", vhost))).isEmpty();
        assertThat(api.get(List.of("users", proxy.name()))).isEmpty();
    }

    @Test
    void aChangedBrokerIsRepairedAndTheDifferencesAreNamed() {
        make(withStream());
        List<JsonNode> made = state();
        raw.put(new Permissions("^mine$", ".*", ".*").json().toString(), "permissions", vhost, proxy.name());
        raw.delete("policies", vhost, "cvmfs-notify-queues");
        raw.put("{\"password\":\"another\",\"tags\":[]}", "users", proxy.name());

        Report repair = make(withStream());

        assertThat(repair.steps())
                .filteredOn(step -> step.outcome() != Outcome.UNCHANGED)
                .extracting(step -> step.outcome() + " " + step.kind() + ": " + step.detail())
                .containsExactly(
                        "CHANGED user: the password was different",
                        "CHANGED permission: configure was '^mine$', write was '.*'",
                        "CREATED policy: ");
        assertThat(state()).isEqualTo(made);
    }

    @Test
    void aUserKeepsItsTags() {
        make(withStream());
        raw.put("{\"password\":\"another\",\"tags\":[\"monitoring\"]}", "users", proxy.name());

        make(withStream());

        assertThat(api.get(List.of("users", proxy.name())).orElseThrow().path("tags"))
                .hasToString("[\"monitoring\"]");
    }

    @Test
    void theLimitOfAnExistingStreamCanBeChanged() {
        make(withStream());

        Report report = make(plan(Optional.of(new LogStream(STREAM, 128 * MIB, OptionalInt.empty()))));

        assertThat(report.count(Outcome.CHANGED)).isEqualTo(1);
        // The broker tells of it with its statistics, some seconds later.
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> effectivePolicy().equals("{\"max-length-bytes\":%d}".formatted(128 * MIB)));
    }

    private String effectivePolicy() {
        JsonNode stream = api.get(List.of("queues", vhost, STREAM)).orElseThrow();
        return stream.path("effective_policy_definition").toString();
    }

    @Test
    void aConflictIsReportedAndLeftAloneAndTheRestIsDone() {
        raw.put("", "vhosts", vhost);
        raw.put("{\"type\":\"topic\",\"durable\":true}", "exchanges", vhost, "repository.activity");
        raw.put("{\"durable\":true}", "queues", vhost, STREAM);

        Report report = make(withStream());

        assertThat(report.hasConflict()).isTrue();
        assertThat(report.steps())
                .filteredOn(step -> step.outcome() == Outcome.CONFLICT)
                .extracting(Step::detail)
                .containsExactly("type was 'topic'", "it is a classic queue, not a stream");
        assertThat(report.count(Outcome.CREATED)).isEqualTo(4);
    }

    @Test
    void aStreamMadeWithALowerLimitIsNoted() {
        make(plan(Optional.empty()));
        ObjectNode small = new LogStream(STREAM, 64 * MIB, OptionalInt.empty()).json();
        small.withObject("/arguments").put("x-max-length-bytes", MIB);
        api.put(List.of("queues", vhost, STREAM), small);

        assertThat(make(withStream()).notes()).singleElement().asString().contains("limit of 1048576 bytes");
    }

    @Test
    void aGeneratedPasswordIsWrittenToItsFileAndNeverReplacesAnExistingUsers(@TempDir Path folder) {
        Path file = folder.resolve("proxy.pass");
        Account fresh = new Account(proxy.name(), PasswordSource.in(file));
        BrokerPlan plan = new BrokerPlan(vhost, "repository.activity", Optional.empty(), fresh, Optional.empty());

        make(plan);

        assertThat(file).content().matches("[\\w-]{32}\n");
        String hash = api.get(List.of("users", proxy.name()))
                .orElseThrow()
                .path("password_hash")
                .asText();
        PasswordSource.Known kept = (PasswordSource.Known) PasswordSource.in(file);
        assertThat(PasswordHash.matches(hash, PasswordHash.ALGORITHM, kept.secret()))
                .isTrue();
        assertThatThrownBy(() -> BrokerSetup.compare(api, plan))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("already exists, but the file " + file);
    }

    @Test
    void withoutAPasswordAnExistingUserIsUnchangedAndANewOneIsRefused() {
        Account unknown = new Account(proxy.name(), new PasswordSource.Unknown());
        BrokerPlan plan = new BrokerPlan(vhost, "repository.activity", Optional.empty(), unknown, Optional.empty());
        assertThatThrownBy(() -> BrokerSetup.compare(api, plan))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("needs a password");
        make(plan(Optional.empty()));
        String before = api.get(List.of("users", proxy.name())).orElseThrow().toString();

        make(plan);

        assertThat(api.get(List.of("users", proxy.name())).orElseThrow()).hasToString(before);
    }

    @Test
    void aPublisherMayPublishAndNothingElse() {
        Account publisher = new Account(proxy.name() + "-publisher", known("secret"));
        make(new BrokerPlan(vhost, "repository.activity", Optional.empty(), proxy, Optional.of(publisher)));

        JsonNode rights =
                api.get(List.of("permissions", vhost, publisher.name())).orElseThrow();
        raw.delete("users", publisher.name());
        assertThat(rights.path("configure").asText()).isEqualTo("^$");
        assertThat(rights.path("write").asText()).isEqualTo("^repository\\.activity$");
        assertThat(rights.path("read").asText()).isEqualTo("^$");
    }
}
