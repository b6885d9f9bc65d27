package io.jenkins.plugins.cvmfs.notify.proxy.brokersetup;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the broker is to have.
 *
 * @param vhost the virtual host
 * @param exchange the direct, durable exchange
 * @param stream the stream, and the proxies' right to it; empty gives them the original service's rights
 * @param proxy the user of the proxies
 * @param publisher a user that publishes to the exchange without a proxy, and may do nothing else
 */
public record BrokerPlan(
        String vhost, String exchange, Optional<StreamPlan> stream, Account proxy, Optional<Account> publisher) {

    List<Grant> grants() {
        BrokerPermissions ofProxy = stream.map(it -> BrokerPermissions.ofProxy(exchange, it.name()))
                .orElseGet(() -> BrokerPermissions.ofProxy(exchange));
        return Stream.concat(
                        Stream.of(new Grant(proxy, ofProxy)),
                        publisher.stream().map(it -> new Grant(it, BrokerPermissions.ofPublisher(exchange))))
                .toList();
    }

    List<QueuePolicy> policies() {
        return Stream.concat(
                        Stream.of(QueuePolicy.SERVER_NAMED), stream.stream().map(QueuePolicy::keeping))
                .toList();
    }
}
