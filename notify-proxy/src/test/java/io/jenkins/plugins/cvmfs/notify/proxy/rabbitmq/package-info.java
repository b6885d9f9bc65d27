/**
 * A real RabbitMQ for tests, one for all test classes of a JVM. {@code BrokerExtension} takes the first that exists:
 *
 * <ol>
 *   <li>the broker whose AMQP URI is given in the system property {@code cvmfs.notify.test.amqp.uri} or the environment variable
 *       {@code CVMFS_NOTIFY_TEST_AMQP_URI}; its user needs all rights, and tests that kill the broker or need other users are
 *       skipped;
 *   <li>a container of Testcontainers, where Docker runs;
 *   <li>a private node of the {@code rabbitmq-server} program in a temporary folder, with its own ports, name, cookie and port
 *       mapper; a system service is neither used nor touched. If the program is missing, the distribution's package is installed
 *       where {@code Programs} may.
 * </ol>
 *
 * <p>Without a broker, the tests are skipped, and each prints the reason to the console. Start reading at {@code NeedsRabbitMq}.
 */
package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;
