package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import com.rabbitmq.client.ConnectionFactory;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AmqpConfig.StreamUse;
import io.jenkins.plugins.cvmfs.notify.proxy.config.KeyPairFiles;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A configuration in the making: each method gives one that differs in something. Pauses between attempts to connect are short. */
public record AmqpSettings(AmqpConfig toConfig) {

    private static final AmqpConfig DEFAULTS = TestConfigs.amqp();

    /** For a client of the tests' own, as this user; without TLS. */
    public ConnectionFactory connections() {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost(host());
        factory.setPort(port());
        factory.setVirtualHost(vhost());
        factory.setUsername(user());
        factory.setPassword(password());
        return factory;
    }

    static AmqpSettings of(String host, int port, String vhost, String user, String password, boolean tls) {
        return new AmqpSettings(new AmqpConfig(
                host,
                port,
                vhost,
                DEFAULTS.exchange(),
                user,
                new Secret(password),
                tls,
                Optional.empty(),
                Optional.empty(),
                DEFAULTS.verifyHostname(),
                DEFAULTS.stream(),
                DEFAULTS.streamName(),
                64L * 1024 * 1024,
                DEFAULTS.confirmTimeout(),
                DEFAULTS.heartbeat(),
                Duration.ofMillis(500)));
    }

    public String host() {
        return toConfig.url();
    }

    public int port() {
        return toConfig.port();
    }

    public String vhost() {
        return toConfig.vhost();
    }

    public String user() {
        return toConfig.user();
    }

    public String password() {
        return toConfig.pass().value();
    }

    public String exchange() {
        return toConfig.exchange();
    }

    public String streamName() {
        return toConfig.streamName();
    }

    /** As another user. */
    public AmqpSettings as(String user, String password) {
        Draft draft = new Draft(toConfig);
        draft.user = user;
        draft.password = password;
        return draft.done();
    }

    /** As another user, whose password is the name. */
    public AmqpSettings as(String user) {
        return as(user, user);
    }

    /** At another address of the same broker. */
    public AmqpSettings at(String host, int port) {
        Draft draft = new Draft(toConfig);
        draft.host = host;
        draft.port = port;
        return draft.done();
    }

    /** With an exchange and a stream that no other test has. */
    public AmqpSettings names(String suffix) {
        Draft draft = new Draft(toConfig);
        draft.exchange = "repository.activity." + suffix;
        draft.streamName = "cvmfs-notify." + suffix;
        return draft.done();
    }

    public AmqpSettings streamName(String name) {
        Draft draft = new Draft(toConfig);
        draft.streamName = name;
        return draft.done();
    }

    public AmqpSettings stream(StreamUse use) {
        Draft draft = new Draft(toConfig);
        draft.stream = use;
        return draft.done();
    }

    public AmqpSettings streamMaxBytes(long bytes) {
        Draft draft = new Draft(toConfig);
        draft.streamMaxBytes = bytes;
        return draft.done();
    }

    public AmqpSettings confirmTimeout(Duration limit) {
        Draft draft = new Draft(toConfig);
        draft.confirmTimeout = limit;
        return draft.done();
    }

    public AmqpSettings heartbeat(Duration interval) {
        Draft draft = new Draft(toConfig);
        draft.heartbeat = interval;
        return draft.done();
    }

    /** With TLS; null trusts the JVM's authorities. */
    public AmqpSettings tls(Path authority) {
        Draft draft = new Draft(toConfig);
        draft.tls = true;
        draft.caFile = Optional.ofNullable(authority);
        return draft.done();
    }

    /** Proves its identity with {@code NAME.pem} and {@code NAME.key}. */
    public AmqpSettings identity(Path folder, String name) {
        Draft draft = new Draft(toConfig);
        draft.identity = Optional.of(new KeyPairFiles(folder.resolve(name + ".pem"), folder.resolve(name + ".key")));
        return draft.done();
    }

    private static final class Draft {

        private final AmqpConfig base;
        private String host;
        private int port;
        private String user;
        private String password;
        private String exchange;
        private StreamUse stream;
        private String streamName;
        private long streamMaxBytes;
        private Duration confirmTimeout;
        private Duration heartbeat;
        private boolean tls;
        private Optional<Path> caFile;
        private Optional<KeyPairFiles> identity;

        Draft(AmqpConfig base) {
            this.base = base;
            host = base.url();
            port = base.port();
            user = base.user();
            password = base.pass().value();
            exchange = base.exchange();
            stream = base.stream();
            streamName = base.streamName();
            streamMaxBytes = base.streamMaxBytes();
            confirmTimeout = base.confirmTimeout();
            heartbeat = base.heartbeat();
            tls = base.tls();
            caFile = base.caFile();
            identity = base.identity();
        }

        AmqpSettings done() {
            return new AmqpSettings(new AmqpConfig(
                    host,
                    port,
                    base.vhost(),
                    exchange,
                    user,
                    new Secret(password),
                    tls,
                    caFile,
                    identity,
                    base.verifyHostname(),
                    stream,
                    streamName,
                    streamMaxBytes,
                    confirmTimeout,
                    heartbeat,
                    base.maxReconnectDelay()));
        }
    }
}
