package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DeliveryConfig.WebhookConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.HttpConfig.TlsConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LimitsConfig.FairShareConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.OperatorConfig.WatchConfig;
import java.util.List;
import java.util.Optional;
import org.slf4j.event.Level;

/** The defaults of the configuration, and copies that differ in one part. */
public final class TestConfigs {

    private TestConfigs() {}

    /** Standalone mode with all defaults: on the loopback, in memory. */
    public static ProxyConfig standalone(int port) {
        return new ProxyConfig(
                ProxyConfig.LOOPBACK,
                port,
                Level.INFO,
                true,
                Optional.empty(),
                http(),
                amqp(),
                Optional.empty(),
                limits(),
                delivery(),
                operator(),
                access());
    }

    public static ProxyConfig with(ProxyConfig config, DeliveryConfig delivery) {
        return with(config, delivery, config.operator());
    }

    public static ProxyConfig with(ProxyConfig config, WatchConfig watch) {
        OperatorConfig former = config.operator();
        return with(
                config,
                config.delivery(),
                new OperatorConfig(former.logFormat(), former.pageAccess(), former.badges(), former.peers(), watch));
    }

    private static ProxyConfig with(ProxyConfig config, DeliveryConfig delivery, OperatorConfig operator) {
        return new ProxyConfig(
                config.bind(),
                config.port(),
                config.logLevel(),
                config.standalone(),
                config.stateDir(),
                config.http(),
                config.amqp(),
                config.upstream(),
                config.limits(),
                delivery,
                operator,
                config.access());
    }

    public static HttpConfig http() {
        return HttpConfig.from(ConfigValues.defaults());
    }

    public static HttpConfig http(TlsConfig tls) {
        HttpConfig plain = http();
        return new HttpConfig(
                tls, plain.trustedProxies(), plain.proxyProtocol(), plain.allowedOrigins(), plain.hostNames());
    }

    public static AmqpConfig amqp() {
        return AmqpConfig.from(ConfigValues.defaults(), new Secret(""));
    }

    public static LimitsConfig limits() {
        return LimitsConfig.from(ConfigValues.defaults());
    }

    public static FairShareConfig fairShare() {
        return FairShareConfig.from(ConfigValues.defaults());
    }

    public static RepositoryLimits repositories() {
        return RepositoryLimits.from(ConfigValues.defaults());
    }

    public static RepositoryLimits repositories(int most) {
        return with(repositories(), most);
    }

    public static RepositoryLimits with(RepositoryLimits limits, int most) {
        return new RepositoryLimits(
                most, limits.maxLastValueBytes(), limits.maxAnonymousNames(), limits.maxAnonymousNamesPerAddress());
    }

    public static DeliveryConfig delivery(WebhookConfig... webhooks) {
        DeliveryConfig defaults = DeliveryConfig.from(ConfigValues.defaults());
        return new DeliveryConfig(defaults.replayDelay(), defaults.repeatAfter(), defaults.hold(), List.of(webhooks));
    }

    public static OperatorConfig operator() {
        return OperatorConfig.from(ConfigValues.defaults());
    }

    /** No credentials, and no repository is verified. */
    public static AccessConfig access() {
        return AccessConfig.from(ConfigValues.defaults());
    }

    public static AccessConfig access(AnonymousPublish publish) {
        return with(access(), publish);
    }

    public static AccessConfig with(AccessConfig access, AnonymousPublish publish) {
        return new AccessConfig(
                publish,
                access.anonymousSubscribe(),
                access.tokens(),
                access.gatewayKeys(),
                access.certificates(),
                access.networks(),
                access.identities(),
                access.repositories(),
                access.trust(),
                access.localTokenFile());
    }
}
