/**
 * A real RabbitMQ for tests, one for all test classes of a JVM. {@code BrokerSearch} takes the first that there is:
 *
 * <ol>
 *   <li>the one whose AMQP URI stands in the system property {@code cvmfs.notify.test.amqp.uri} or the environment variable
 *       {@code CVMFS_NOTIFY_TEST_AMQP_URI}; its user needs all rights, and tests that kill the broker or need other users are
 *       skipped;
 *   <li>a private node of the {@code rabbitmq-server} program in a temporary folder, with ports, name, cookie and port mapper of
 *       its own; a system service is neither used nor touched. If the program is missing and we are root, the distribution's
 *       package is installed;
 *   <li>a container, where Docker runs.
 * </ol>
 *
 * <p>If there is none, the tests are skipped, and each says so on the console. Start reading at {@code NeedsRabbitMq}.
 */
package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;
