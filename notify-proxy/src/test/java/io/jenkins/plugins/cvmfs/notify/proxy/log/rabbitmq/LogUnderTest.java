package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.log.LogState;
import io.jenkins.plugins.cvmfs.notify.proxy.log.PublishOrigin;
import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.AmqpSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.slf4j.event.Level;

/** A proxy's log on a real broker, started, with everything it delivers. */
final class LogUnderTest implements AutoCloseable {

    final RecordingTail tail = new RecordingTail();
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final ActivityLog log;

    private LogUnderTest(AmqpSettings amqp, Path stateDir) {
        this(amqp, stateDir, Duration.ofMinutes(1));
    }

    private LogUnderTest(AmqpSettings amqp, Path stateDir, Duration probeInterval) {
        ProxyConfig config = new ProxyConfig(
                "127.0.0.1",
                0,
                Level.INFO,
                false,
                Optional.ofNullable(stateDir),
                TestConfigs.http(),
                amqp.toConfig(),
                Optional.empty(),
                TestConfigs.limits(),
                TestConfigs.delivery(),
                TestConfigs.operator(),
                TestConfigs.access());
        log = new RabbitLog(config, Clock.systemUTC(), meters, probeInterval);
        log.start(tail);
    }

    /** Without a state folder. */
    static LogUnderTest start(AmqpSettings amqp) {
        return new LogUnderTest(amqp, null);
    }

    static LogUnderTest start(AmqpSettings amqp, Path stateDir) {
        return new LogUnderTest(amqp, stateDir);
    }

    /** Started, connected and caught up. */
    static LogUnderTest ready(AmqpSettings amqp, Path stateDir) {
        return start(amqp, stateDir).awaitReady();
    }

    static LogUnderTest ready(AmqpSettings amqp) {
        return start(amqp).awaitReady();
    }

    /** One that looks so often whether the broker still has its bindings. */
    static LogUnderTest ready(AmqpSettings amqp, Duration probeInterval) {
        return new LogUnderTest(amqp, null, probeInterval).awaitReady();
    }

    /** A broker may take its time on a busy machine. */
    static ConditionFactory await() {
        return Awaitility.await().pollDelay(Duration.ZERO).atMost(Duration.ofSeconds(60));
    }

    LogUnderTest awaitReady() {
        await().until(() -> state().isReady());
        return this;
    }

    LogState state() {
        return log.state();
    }

    CompletableFuture<Void> append(String repository, long revision) {
        return log.append(Activities.message(repository, revision), Activities.ORIGIN);
    }

    /** Appends one that is so much longer. */
    CompletableFuture<Void> append(String repository, long revision, int padding) {
        return log.append(Activities.message(repository, revision, padding), Activities.ORIGIN);
    }

    /** Appends one that other proxies append with the same id. */
    CompletableFuture<Void> append(String repository, long revision, UUID id) {
        return log.append(Activities.message(repository, revision), new PublishOrigin(List.of(), null, id));
    }

    CompletableFuture<Void> forget(String repository) {
        return log.forget(new RepositoryName(repository));
    }

    /** Whether appending it succeeded. */
    boolean isAppended(String repository, long revision) {
        return append(repository, revision)
                .handle((done, failure) -> failure == null)
                .join();
    }

    LogUnderTest follow(String... repositories) {
        List.of(repositories)
                .forEach(name -> log.follow(new RepositoryName(name)).join());
        return this;
    }

    CompletableFuture<Void> tryToFollow(String repository) {
        return log.follow(new RepositoryName(repository));
    }

    void awaitLast(String repository, long revision) {
        String expected = repository + " revision " + revision;
        await().untilAsserted(() -> assertThat(tail.last(repository)).contains(expected));
    }

    @Override
    public void close() {
        log.close();
    }
}
