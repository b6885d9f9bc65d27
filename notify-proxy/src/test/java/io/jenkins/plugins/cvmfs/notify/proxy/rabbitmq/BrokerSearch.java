package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds or starts the broker that all tests of this JVM share. */
final class BrokerSearch {

    private static final String PROPERTY = "cvmfs.notify.test.amqp.uri";
    private static final String VARIABLE = "CVMFS_NOTIFY_TEST_AMQP_URI";

    private BrokerSearch() {}

    sealed interface Result {}

    record Found(Broker broker) implements Result {}

    record None(String reason) implements Result {}

    private static final class Shared {
        private static final Result RESULT = search();
    }

    static Result shared() {
        return Shared.RESULT;
    }

    private static Result search() {
        Optional<String> given = Optional.ofNullable(System.getProperty(PROPERTY))
                .or(() -> Optional.ofNullable(System.getenv(VARIABLE)))
                .filter(uri -> !uri.isBlank());
        return given.<Result>map(uri -> new Found(GivenBroker.at(URI.create(uri))))
                .orElseGet(BrokerSearch::start);
    }

    private static Result start() {
        List<String> reasons = new ArrayList<>();
        for (Candidate candidate : List.<Candidate>of(LocalNode::launch, ContainerNode::launch)) {
            try {
                OwnedBroker broker = candidate.launch();
                Runtime.getRuntime().addShutdownHook(new Thread(broker::stop));
                announce("Tests use " + broker.describe());
                return new Found(broker);
            } catch (UnavailableException e) {
                reasons.add(e.getMessage());
            }
        }
        return new None(
                "no RabbitMQ: " + PROPERTY + " and " + VARIABLE + " are not set; " + String.join("; ", reasons));
    }

    @FunctionalInterface
    private interface Candidate {
        OwnedBroker launch() throws UnavailableException;
    }

    static void announce(String line) {
        System.err.println(line);
    }
}
