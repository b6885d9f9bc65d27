package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class that needs a RabbitMQ: skipped if there is none. Test methods, and constructors, may ask for a {@link Broker}; those
 * that ask for an {@link OwnedBroker} need {@code owned}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(BrokerExtension.class)
public @interface NeedsRabbitMq {

    /** Whether it must be one that the tests may kill, and whose users and permissions they may change. */
    boolean owned() default false;
}
