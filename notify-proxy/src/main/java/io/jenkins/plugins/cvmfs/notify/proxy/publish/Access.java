package io.jenkins.plugins.cvmfs.notify.proxy.publish;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.access.AccessRules;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Caller;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission;
import io.jenkins.plugins.cvmfs.notify.proxy.access.SubscriberRights;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LocalToken;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Reloadable;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.Admittance;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.Sender;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.SignatureVerifier;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.VerificationPolicy;
import io.jenkins.plugins.cvmfs.notify.proxy.verify.VerificationResult;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rights and signatures that count now; a reload puts others in their place. What was verified before stays known.
 *
 * <p>Every method may be called from any thread, event loops too, and none blocks but {@link #prepare} and {@link #close}.
 */
public final class Access implements Reloadable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Access.class);

    private final Clock clock;
    private final StratumZeros stratumZeros;
    private final SignatureVerifier signatures;
    private volatile AccessRules rights;

    private Access(AccessRules rights, Clock clock, StratumZeros stratumZeros, SignatureVerifier signatures) {
        this.rights = rights;
        this.clock = clock;
        this.stratumZeros = stratumZeros;
        this.signatures = signatures;
    }

    /**
     * Reads the keys that the configuration names.
     *
     * @param clock tells whether a whitelist has expired
     * @throws InvalidInputException if one cannot be used, naming it
     */
    public static Access open(AccessConfig config, FanOut fanOut, Clock clock, MeterRegistry meters) {
        AccessRules rights = AccessRules.of(config, localToken(config));
        VerificationPolicy policy = VerificationPolicy.read(config, clock);
        StratumZeros stratumZeros = StratumZeros.of(config.trust());
        SignatureVerifier signatures = new SignatureVerifier(
                policy, stratumZeros, name -> lastMessage(fanOut, name), System::nanoTime, meters);
        tell(config, rights, policy);
        return new Access(rights, clock, stratumZeros, signatures);
    }

    private static Optional<ActivityMessage> lastMessage(FanOut fanOut, RepositoryName repository) {
        return fanOut.lastValue(repository).map(Announcement::message);
    }

    private static void tell(AccessConfig config, AccessRules rights, VerificationPolicy policy) {
        LOG.atInfo()
                .addKeyValue("rights", rights.summary())
                .addKeyValue(
                        "verified",
                        policy.verified() + " of " + config.repositories().size() + " entries")
                .log("who may publish and subscribe");
    }

    /** One that cannot be used is no reason not to serve: nobody has the right that it would give. */
    private static Optional<TokenConfig> localToken(AccessConfig config) {
        try {
            return config.localTokenFile().flatMap(LocalToken::entry);
        } catch (InvalidInputException e) {
            LOG.atWarn().addKeyValue("reason", e.getMessage()).log("local token not used");
            return Optional.empty();
        }
    }

    @Override
    public Runnable prepare(ProxyConfig next) {
        AccessRules nextRights = AccessRules.of(next.access(), localToken(next.access()));
        VerificationPolicy nextPolicy = VerificationPolicy.read(next.access(), clock);
        return () -> {
            rights = nextRights;
            signatures.replace(nextPolicy);
            tell(next.access(), nextRights, nextPolicy);
        };
    }

    /** Whether the value of an {@code Authorization} header is a good token or another good credential, whatever it grants. */
    public boolean knows(String authorization) {
        return rights.knows(authorization);
    }

    Permission mayPublish(Caller caller, RepositoryName repository, byte[] body) {
        return rights.mayPublish(caller, repository, body);
    }

    Permission mayForget(Caller caller, RepositoryName repository) {
        return rights.mayForget(caller, repository);
    }

    SubscriberRights subscriber(Caller caller) {
        return rights.subscriber(caller);
    }

    Permission mayPublishSome(Caller caller, byte[] body) {
        return rights.mayPublishSome(caller, body);
    }

    boolean isVerified(RepositoryName repository) {
        return signatures.isVerified(repository);
    }

    CompletableFuture<VerificationResult> verify(ActivityMessage message, Sender sender, BooleanSupplier mayWait) {
        return signatures.verify(message, sender, mayWait);
    }

    CompletableFuture<Admittance> admit(
            ActivityMessage message,
            VerificationResult.Trusted finding,
            Sender sender,
            Supplier<CompletableFuture<Void>> append) {
        return signatures.admit(message, finding, sender, append);
    }

    /** The message with nothing in it but its manifest, the name of its repository and the time now, as the C++ publisher writes it. */
    ActivityMessage bare(ActivityMessage message) {
        return ActivityMessage.announce(message.manifestBytes(), clock.instant());
    }

    /** Ends what is being fetched and verified; publishes that wait for it are answered. Closing twice is fine. */
    @Override
    public void close() {
        stratumZeros.close();
        signatures.close();
    }
}
