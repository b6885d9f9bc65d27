package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.PermanentFailureException;
import io.jenkins.plugins.cvmfs.notify.client.RefusedException;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerPlan.Account;
import io.jenkins.plugins.cvmfs.notify.proxy.brokersetup.BrokerPlan.LogStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Compares a broker with a plan, and creates or changes what is missing or different. Repeating it changes nothing. An object that
 * exists and cannot be changed is reported and left alone; everything else is done nevertheless.
 */
public final class BrokerSetup {

    /** The outcome for one object, or in a dry run the expected outcome. */
    public enum Outcome {
        /** It did not exist. */
        CREATED,
        /** It existed, but was different. */
        CHANGED,
        /** It was right. */
        UNCHANGED,
        /** It exists, is different, and RabbitMQ cannot change it: it must be deleted first. */
        CONFLICT
    }

    /**
     * One line of a report.
     *
     * @param kind in the words of the management API: {@code vhost}, {@code user}, {@code permission}, {@code exchange}, {@code
     *     queue}, {@code policy}
     * @param detail how it was different; may be empty
     */
    public record Step(String kind, String name, Outcome outcome, String detail) {}

    /**
     * The result.
     *
     * @param version the broker's
     * @param steps one for each object, in order
     * @param notes sentences about what works but needs attention
     */
    public record Report(String version, List<Step> steps, List<String> notes) {

        public Report {
            steps = List.copyOf(steps);
            notes = List.copyOf(notes);
        }

        public boolean hasConflict() {
            return count(Outcome.CONFLICT) > 0;
        }

        public long count(Outcome outcome) {
            return steps.stream().filter(step -> step.outcome() == outcome).count();
        }
    }

    /** A step, and how to take it: the body to put, and the password to save first. */
    private record Change(Step step, Optional<ObjectNode> body, Optional<PasswordSource> password) {}

    private static final Pattern VERSION = Pattern.compile("(\\d{1,9})\\.(\\d{1,9}).*");
    private static final int FIRST_MAJOR_WITH_STREAMS = 3;
    private static final int FIRST_MINOR_WITH_STREAMS = 9;

    private final ManagementApi api;
    private final BrokerPlan plan;
    private final String version;
    private final List<Change> changes = new ArrayList<>();

    private BrokerSetup(ManagementApi api, BrokerPlan plan) {
        this.api = api;
        this.plan = plan;
        this.version = readVersion(api);
    }

    /**
     * Reads the broker's state, without changing anything.
     *
     * @throws NotifyException if the broker cannot be reached or is not suitable; the message says what to do
     */
    public static BrokerSetup compare(ManagementApi api, BrokerPlan plan) {
        BrokerSetup setup = new BrokerSetup(api, plan);
        if (plan.stream().isPresent()) {
            setup.requireStreams();
        }
        setup.requireAdministrator();
        setup.compareAll();
        return setup;
    }

    private static String readVersion(ManagementApi api) {
        return api.get(List.of("overview"))
                .map(overview -> overview.path("rabbitmq_version").textValue())
                .orElseThrow(() -> new PermanentFailureException(
                        "this is a web server, but not RabbitMQ's management API; give its address with --management"));
    }

    /** A version that cannot be parsed is assumed to be new. */
    private void requireStreams() {
        Matcher numbers = VERSION.matcher(version);
        if (numbers.matches()) {
            int major = Integer.parseInt(numbers.group(1));
            int minor = Integer.parseInt(numbers.group(2));
            if (major < FIRST_MAJOR_WITH_STREAMS
                    || (major == FIRST_MAJOR_WITH_STREAMS && minor < FIRST_MINOR_WITH_STREAMS)) {
                throw new PermanentFailureException(
                        "RabbitMQ %s has no streams, which need %d.%d or newer: upgrade it, or use --rights queue"
                                .formatted(version, FIRST_MAJOR_WITH_STREAMS, FIRST_MINOR_WITH_STREAMS));
            }
        }
    }

    private void requireAdministrator() {
        String tags = api.get(List.of("whoami"))
                .map(self -> self.path("tags").toString())
                .orElse("");
        if (!tags.contains("administrator")) {
            throw new RefusedException(
                    "the user %1$s is not an administrator; run: rabbitmqctl set_user_tags %1$s administrator"
                            .formatted(api.user()));
        }
    }

    /** In the order in which the objects can be made. */
    private void compareAll() {
        compareExistence("vhost", plan.vhost(), BrokerPlan.object());
        // Only a virtual host that the management API makes gives its maker rights.
        compareExistence("permission", api.user(), BrokerPlan.Permissions.EVERYTHING.json());
        for (Account account : plan.accounts()) {
            compareUser(account);
            compareFields(
                    "permission", account.name(), plan.permissionsOf(account).json(), true);
        }
        compareFields("exchange", plan.exchange(), BrokerPlan.exchangeJson(), false);
        plan.policies().forEach(policy -> compareFields("policy", policy.name(), policy.json(), true));
        plan.stream()
                .ifPresent(stream -> compare("queue", stream.name(), stream.json(), BrokerSetup::unlikeStream, false));
    }

    private void compareExistence(String kind, String name, ObjectNode wanted) {
        compare(kind, name, wanted, there -> List.of(), false);
    }

    private void compareFields(String kind, String name, ObjectNode wanted, boolean canChange) {
        compare(kind, name, wanted, there -> differences(wanted, there), canChange);
    }

    /** An existing stream is right with any limits. */
    private static List<String> unlikeStream(JsonNode queue) {
        String type = queue.path("arguments").path("x-queue-type").asText("classic");
        return type.equals("stream") ? List.of() : List.of("it is a %s queue, not a stream".formatted(type));
    }

    private void compare(
            String kind,
            String name,
            ObjectNode wanted,
            Function<JsonNode, List<String>> differences,
            boolean canChange) {
        Optional<List<String>> found = get(kind, name).map(differences);
        Outcome outcome = found.map(
                        list -> list.isEmpty() ? Outcome.UNCHANGED : canChange ? Outcome.CHANGED : Outcome.CONFLICT)
                .orElse(Outcome.CREATED);
        boolean isDue = outcome == Outcome.CREATED || outcome == Outcome.CHANGED;
        changes.add(new Change(
                new Step(kind, name, outcome, String.join(", ", found.orElse(List.of()))),
                isDue ? Optional.of(wanted) : Optional.empty(),
                Optional.empty()));
    }

    /** An existing user keeps its tags, and its password if none is given. */
    private void compareUser(Account account) {
        Optional<JsonNode> there = get("user", account.name());
        boolean isRight = there.isPresent() && hasPassword(there.get(), account);
        Outcome outcome = isRight ? Outcome.UNCHANGED : there.isPresent() ? Outcome.CHANGED : Outcome.CREATED;
        Optional<ObjectNode> body = Optional.empty();
        if (!isRight) {
            ObjectNode user = account.json();
            there.ifPresent(existing -> user.set("tags", existing.path("tags")));
            body = Optional.of(user);
        }
        String detail = outcome == Outcome.CHANGED ? "the password was different" : "";
        changes.add(
                new Change(new Step("user", account.name(), outcome, detail), body, Optional.of(account.password())));
    }

    private static boolean hasPassword(JsonNode user, Account account) {
        if (account.password() instanceof PasswordSource.Generated generated) {
            throw new InvalidInputException(
                    "the user %s already exists, but the file %s does not: write the user's password to the file, or a new one"
                            .formatted(account.name(), generated.file()));
        }
        return !(account.password() instanceof PasswordSource.Known known)
                || PasswordHash.matches(
                        user.path("password_hash").asText(),
                        user.path("hashing_algorithm").asText(),
                        known.secret());
    }

    /** Names the wanted fields that differ; there may be others. */
    private static List<String> differences(ObjectNode wanted, JsonNode there) {
        List<String> found = new ArrayList<>();
        wanted.properties().forEach(field -> {
            JsonNode actual = Objects.requireNonNullElse(there.get(field.getKey()), MissingNode.getInstance());
            if (!isSame(field.getValue(), actual)) {
                found.add("%s was %s".formatted(field.getKey(), shown(actual)));
            }
        });
        return found;
    }

    private static boolean isSame(JsonNode one, JsonNode other) {
        if (one.isObject() && one.size() == other.size()) {
            return one.properties().stream()
                    .allMatch(
                            field -> other.has(field.getKey()) && isSame(field.getValue(), other.path(field.getKey())));
        }
        // Compares text: a number is the same whether Jackson holds it as an int or as a long.
        return one.toString().equals(other.toString());
    }

    private static String shown(JsonNode value) {
        return value.isMissingNode() ? "not set" : value.isTextual() ? "'" + value.asText() + "'" : value.toString();
    }

    /** Returns what {@link #apply} does or has done. */
    public Report report() {
        List<String> notes = plan.stream()
                .flatMap(stream -> get("queue", stream.name()).map(queue -> notes(stream, queue)))
                .orElse(List.of());
        return new Report(version, changes.stream().map(Change::step).toList(), notes);
    }

    private Optional<JsonNode> get(String kind, String name) {
        return api.get(path(kind, name));
    }

    /** Returns where the management API has an object. */
    private List<String> path(String kind, String name) {
        return switch (kind) {
            case "vhost", "user" -> List.of(kind + "s", name);
            case "policy" -> List.of("policies", plan.vhost(), name);
            default -> List.of(kind + "s", plan.vhost(), name);
        };
    }

    private static List<String> notes(LogStream stream, JsonNode queue) {
        List<String> notes = new ArrayList<>();
        long limit = queue.path("arguments").path("x-max-length-bytes").asLong(Long.MAX_VALUE);
        if (limit < stream.maxBytes()) {
            notes.add(
                    "the stream was created with a limit of %d bytes, which no policy can raise to %d; to raise it, delete it and run this command again: its messages are then lost"
                            .formatted(limit, stream.maxBytes()));
        }
        int members = queue.path("members").size();
        if (stream.replicas().orElse(0) > members) {
            notes.add(
                    "the stream has %d replicas, not %d; add one with: rabbitmq-streams add_replica --vhost %s %s NODE"
                            .formatted(
                                    members,
                                    stream.replicas().getAsInt(),
                                    queue.path("vhost").asText(),
                                    stream.name()));
        }
        return notes;
    }

    /**
     * Creates and changes what {@link #compare} found. A generated password is written to its file before its user is made.
     *
     * @throws NotifyException if the broker refuses something; earlier changes stay, and the next run continues there
     */
    public void apply() {
        for (Change change : changes) {
            change.body().ifPresent(body -> {
                change.password().ifPresent(PasswordSource::save);
                api.put(path(change.step().kind(), change.step().name()), body);
            });
        }
    }
}
