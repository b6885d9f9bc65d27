package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Behind {@link NeedsRabbitMq}: finds or starts one broker for all tests of the JVM when the first test class asks for it. */
final class BrokerExtension implements ExecutionCondition, ParameterResolver {

    private static final String PROPERTY = "cvmfs.notify.test.amqp.uri";
    private static final String VARIABLE = "CVMFS_NOTIFY_TEST_AMQP_URI";

    /** Either a broker, or the reason why there is none. */
    private record Search(Optional<Broker> broker, String reason) {

        private static final Search RESULT = search();

        private static Search search() {
            return Optional.ofNullable(System.getProperty(PROPERTY))
                    .or(() -> Optional.ofNullable(System.getenv(VARIABLE)))
                    .filter(uri -> !uri.isBlank())
                    .map(uri -> new Search(Optional.of(GivenBroker.at(URI.create(uri))), ""))
                    .orElseGet(Search::start);
        }

        private static Search start() {
            List<String> reasons = new ArrayList<>();
            for (Launch launch : List.<Launch>of(ContainerNode::launch, LocalNode::launch)) {
                try {
                    OwnedBroker broker = launch.run();
                    Runtime.getRuntime().addShutdownHook(new Thread(broker::stop));
                    Programs.announce("Tests use " + broker.describe());
                    return new Search(Optional.of(broker), "");
                } catch (UnavailableException e) {
                    reasons.add(e.getMessage());
                }
            }
            return new Search(
                    Optional.empty(),
                    "no RabbitMQ: " + PROPERTY + " and " + VARIABLE + " are not set; " + String.join("; ", reasons));
        }
    }

    @FunctionalInterface
    private interface Launch {
        OwnedBroker run() throws UnavailableException;
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        boolean owned = AnnotationSupport.findAnnotation(context.getRequiredTestClass(), NeedsRabbitMq.class)
                .map(NeedsRabbitMq::owned)
                .orElse(false);
        if (Search.RESULT.broker().isEmpty()) {
            return ConditionEvaluationResult.disabled(Search.RESULT.reason());
        }
        Broker broker = Search.RESULT.broker().get();
        return !owned || broker instanceof OwnedBroker
                ? ConditionEvaluationResult.enabled(broker.describe())
                : ConditionEvaluationResult.disabled(
                        "needs a RabbitMQ that the tests may kill, but was given " + broker.describe());
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return Broker.class.isAssignableFrom(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Broker broker = Search.RESULT.broker().orElseThrow();
        if (broker instanceof OwnedBroker owned) {
            owned.start();
        }
        return broker;
    }
}
