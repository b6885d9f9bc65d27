package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

/** A running RabbitMQ. */
public interface Broker {

    /** How to reach it as a user with all rights. */
    AmqpSettings amqp();

    /** What it is, for the console. */
    String describe();
}
