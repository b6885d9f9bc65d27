package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Behind {@link NeedsRabbitMq}. The broker is looked for, and started, when the first test class asks for one. */
final class BrokerExtension implements ExecutionCondition, ParameterResolver {

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        boolean owned = AnnotationSupport.findAnnotation(context.getRequiredTestClass(), NeedsRabbitMq.class)
                .map(NeedsRabbitMq::owned)
                .orElse(false);
        BrokerSearch.Result result = BrokerSearch.shared();
        if (result instanceof BrokerSearch.Found found) {
            return !owned || found.broker() instanceof OwnedBroker
                    ? ConditionEvaluationResult.enabled(found.broker().describe())
                    : ConditionEvaluationResult.disabled("needs a RabbitMQ that the tests may kill, but was given "
                            + found.broker().describe());
        }
        return ConditionEvaluationResult.disabled(((BrokerSearch.None) result).reason());
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return Broker.class.isAssignableFrom(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Broker broker = ((BrokerSearch.Found) BrokerSearch.shared()).broker();
        if (broker instanceof OwnedBroker owned) {
            owned.start();
        }
        return broker;
    }
}
