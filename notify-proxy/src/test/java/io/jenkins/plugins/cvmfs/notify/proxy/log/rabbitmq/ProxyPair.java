package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq.ProxyUnderTest.Subscriber;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import java.nio.file.Path;
import java.util.List;

/**
 * Two whole proxies on one broker, each with a subscriber from the beginning, and with a publisher of its own once there is load. What
 * was answered with 200 must reach everybody, once and in order.
 */
final class ProxyPair implements AutoCloseable {

    static final List<String> REPOSITORIES = List.of("a.example.org", "b.example.org");

    private final ProxyUnderTest first;
    private final ProxyUnderTest second;
    private final List<Subscriber> early;
    private final UnderLoad load = new UnderLoad();

    private ProxyPair(ProxyUnderTest first, ProxyUnderTest second) {
        this.first = first;
        this.second = second;
        this.early = List.of(first.subscribe(REPOSITORIES), second.subscribe(REPOSITORIES));
    }

    /** @param one and {@code two} are the folders of their journals */
    static ProxyPair ready(AmqpSettings amqp, Path one, Path two) {
        ProxyUnderTest first = ProxyUnderTest.ready(amqp, one);
        try {
            return new ProxyPair(first, ProxyUnderTest.ready(amqp, two));
        } catch (RuntimeException | Error e) {
            first.close();
            throw e;
        }
    }

    ProxyUnderTest first() {
        return first;
    }

    List<ProxyUnderTest> proxies() {
        return List.of(first, second);
    }

    /** Lets both publishers go on and on, until it is closed. */
    UnderLoad load() {
        return load.publish("a.example.org", revision -> first.publish("a.example.org", revision) == 200)
                .publish("b.example.org", revision -> second.publish("b.example.org", revision) == 200);
    }

    /** When the load is over: those that were there all the time have received it, and new ones receive the last. */
    void assertNothingIsLost() {
        proxies().forEach(ProxyUnderTest::awaitReady);
        assertThat(load.accepted()).containsOnlyKeys(REPOSITORIES);
        early.forEach(this::assertReceives);
        proxies().forEach(proxy -> assertReceives(proxy.subscribe(REPOSITORIES)));
    }

    private void assertReceives(Subscriber subscriber) {
        load.accepted().forEach((repository, revision) -> {
            LogUnderTest.await()
                    .untilAsserted(() -> assertThat(subscriber.last(repository)).isGreaterThanOrEqualTo(revision));
            assertThat(subscriber.revisions(repository))
                    .as("revisions of %s", repository)
                    .isSorted()
                    .doesNotHaveDuplicates();
        });
    }

    @Override
    public void close() {
        load.close();
        second.close();
        first.close();
    }
}
