package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import io.jenkins.plugins.cvmfs.notify.proxy.access.AccessRules;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Caller;
import io.jenkins.plugins.cvmfs.notify.proxy.access.RateLimiter;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Refusals;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Peer;
import io.jenkins.plugins.cvmfs.notify.proxy.log.ActivityLog;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.SignatureVerifier;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/** Rights for tests that are not about rights, and callers that have or lack them. */
public final class Accesses {

    private Accesses() {}

    /** Everyone may do everything, and nothing is verified. */
    public static AccessConfig everyone() {
        return TestConfigs.access(AnonymousPublish.EVERYONE);
    }

    /** Takes publishes without a limit on rates, and parses long messages at once. */
    public static PublishService publishing(
            ActivityLog log, FanOut fanOut, AccessConfig config, int maxPending, MeterRegistry meters) {
        return publishing(log, fanOut, config, maxPending, Runnable::run, meters);
    }

    public static PublishService publishing(
            ActivityLog log,
            FanOut fanOut,
            AccessConfig config,
            int maxPending,
            Executor parser,
            MeterRegistry meters) {
        PublishService.Limits limits =
                new PublishService.Limits(maxPending, new RateLimiter<>(0), new RateLimiter<>(0));
        return publishing(log, fanOut, config, limits, parser, meters);
    }

    static PublishService publishing(
            ActivityLog log,
            FanOut fanOut,
            AccessConfig config,
            PublishService.Limits limits,
            Executor parser,
            MeterRegistry meters) {
        AccessRules rules = AccessRules.of(config, Optional.empty());
        return new PublishService(
                log,
                fanOut,
                () -> rules,
                new SignatureVerifier(
                        config,
                        SignatureVerifier.network(config.trust()),
                        limits.maxPending(),
                        name -> Optional.empty(),
                        Clock.systemUTC(),
                        meters),
                limits,
                parser,
                new Refusals(Clock.systemUTC()),
                Clock.systemUTC(),
                meters);
    }

    /** The same configuration with the right for everyone to publish, for tests that are not about rights. */
    public static ProxyConfig open(ProxyConfig config) {
        return config.withAccess(TestConfigs.with(config.access(), AnonymousPublish.EVERYONE));
    }

    /** Somebody without credentials. */
    public static Caller from(String address) {
        try {
            return new Caller(new Peer(InetAddress.getByName(address), Peer.Source.SOCKET, null), List.of(), false);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Somebody without credentials, from a network of nobody's. */
    public static Caller stranger() {
        return from("203.0.113.9");
    }
}
