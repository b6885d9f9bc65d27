package io.jenkins.plugins.cvmfs.notify.proxy.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.client.transport.DaemonThreads;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Credentials.Identity;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Denied;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Grants;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.IdentityConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Reloadable;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.TlsIdentity;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.Key;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies the identity tokens of CI systems: JSON Web Tokens that an issuer signs for a job (OpenID Connect), and finds what the
 * configuration grants to jobs with such claims. Does so on a thread of its own, which ends when it is idle; issuers are read without blocking
 * it. Thread-safe.
 */
public final class IdentityTokens implements Reloadable, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(IdentityTokens.class);

    /** Signatures by public keys: a shared secret that verifies could also sign. */
    private static final List<JWSAlgorithm> ALGORITHMS = List.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);

    /** How far the clocks of issuer and proxy may differ. */
    private static final Duration SKEW = Duration.ofSeconds(60);

    /** Those of CI systems have 1 to 3 KB. */
    private static final int MAX_TOKEN_LENGTH = 16 * 1024;

    /** Tokens that may wait to be verified; one takes less than a millisecond. */
    private static final int MAX_QUEUED = 256;

    /** Those of one network, so that it cannot keep out the tokens of others. */
    private static final int MAX_OF_NETWORK = 64;

    /** A longer value of a claim is compared with no pattern. */
    private static final int MAX_VALUE_LENGTH = 1_000;

    private static final int MAX_NAME_LENGTH = 200;
    private static final Identity BUSY = unavailable("too many tokens wait to be verified");

    /** Where the keys of an entry's issuer come from. */
    private record Source(URI issuer, Optional<Path> caFile) {
        static Source of(IdentityConfig config) {
            return new Source(config.issuer(), config.caFile());
        }
    }

    /** @param unmet a clause for each claim of the entry that a token does not have */
    private record Match(IdentityConfig entry, List<String> unmet) {}

    private record InUse(List<IdentityConfig> entries, Map<Source, IssuerKeys> keys) {}

    private final ThreadPoolExecutor thread =
            DaemonThreads.pool(1, MAX_QUEUED, DaemonThreads.named("cvmfs-notify-identity-tokens"));

    private final Map<InetAddress, Integer> pending = new ConcurrentHashMap<>();
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final MeterProvider<Counter> outcomes;
    private final MeterProvider<Counter> fetches;
    private volatile InUse inUse;

    /**
     * Reads the certificate authorities that the configuration names; no issuer is read before its first token.
     *
     * @param clock for the times in tokens
     * @throws InvalidInputException if a file cannot be used; the message names it
     */
    public IdentityTokens(AccessConfig config, Clock clock, MeterRegistry meters) {
        this(config, clock, System::nanoTime, meters);
    }

    /** @param nanoTime for the age of keys; a clock that never jumps */
    IdentityTokens(AccessConfig config, Clock clock, LongSupplier nanoTime, MeterRegistry meters) {
        this.clock = clock;
        this.nanoTime = nanoTime;
        outcomes = Counter.builder("cvmfs_notify_identity_tokens")
                .description("Identity tokens of CI systems by outcome")
                .withRegistry(meters);
        fetches = Counter.builder("cvmfs_notify_issuer_fetches")
                .description("Reads of the keys of issuers by outcome")
                .withRegistry(meters);
        // Registered early, since a rate needs a value before the first increment.
        Stream.of("valid", "invalid", "unavailable").forEach(outcome -> outcomes.withTag("outcome", outcome));
        Stream.of("succeeded", "failed").forEach(outcome -> fetches.withTag("outcome", outcome));
        inUse = new InUse(config.identities(), sources(config, Map.of()));
    }

    /** Keeps the keys of issuers that stay, unless the file of their authorities may have changed. */
    @Override
    public Runnable prepare(ProxyConfig next) {
        AccessConfig config = next.access();
        InUse prepared = new InUse(config.identities(), sources(config, inUse.keys()));
        return () -> inUse = prepared;
    }

    private Map<Source, IssuerKeys> sources(AccessConfig config, Map<Source, IssuerKeys> known) {
        Map<Source, IssuerKeys> keys = new HashMap<>();
        for (IdentityConfig entry : config.identities()) {
            Source source = Source.of(entry);
            if (!keys.containsKey(source)) {
                IssuerKeys former = source.caFile().isEmpty() ? known.get(source) : null;
                keys.put(source, former != null ? former : new IssuerKeys(entry, http(entry), nanoTime, this::fetched));
            }
        }
        return Map.copyOf(keys);
    }

    private static HttpClient http(IdentityConfig entry) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .connectTimeout(IssuerKeys.FETCH_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NEVER);
        entry.caFile()
                .ifPresent(file -> builder.sslContext(TlsIdentity.clientContext(Optional.of(file), Optional.empty())));
        return builder.build();
    }

    private void fetched(boolean succeeded) {
        fetches.withTag("outcome", succeeded ? "succeeded" : "failed").increment();
    }

    /**
     * Verifies a token. The future always completes normally, at the latest when its issuer's time is over.
     *
     * @param network where it comes from
     */
    CompletableFuture<Identity> identify(Secret token, InetAddress network) {
        CompletableFuture<Identity> verified = pending.merge(network, 1, Integer::sum) > MAX_OF_NETWORK
                ? CompletableFuture.completedFuture(BUSY)
                : CompletableFuture.completedFuture(token.value())
                        .thenComposeAsync(this::verify, thread)
                        .exceptionally(IdentityTokens::failed);
        return verified.thenApply(identity -> {
            pending.computeIfPresent(network, (any, count) -> count == 1 ? null : count - 1);
            outcomes.withTag("outcome", outcome(identity)).increment();
            return identity;
        });
    }

    private static String outcome(Identity identity) {
        if (identity instanceof Identity.Refused refused) {
            return refused.why().reason() == Denial.IDENTITY_UNAVAILABLE ? "unavailable" : "invalid";
        }
        return "valid";
    }

    private static Identity failed(Throwable failure) {
        Throwable cause = NotifyException.unwrapped(failure);
        if (cause instanceof IssuerKeys.UnavailableException) {
            return unavailable("the token cannot be verified now: " + cause.getMessage());
        }
        if (cause instanceof RejectedExecutionException) {
            return BUSY;
        }
        // Without the exception, whose message might quote the token.
        LOG.atError().addKeyValue("failure", cause.getClass().getName()).log("identity token not verified");
        return invalid("it cannot be read");
    }

    private static Identity unavailable(String detail) {
        return new Identity.Refused(new Denied(Denial.IDENTITY_UNAVAILABLE, detail));
    }

    private static Identity invalid(String why) {
        return new Identity.Refused(new Denied(Denial.INVALID_CREDENTIALS, "the token is not valid: " + why));
    }

    private static CompletableFuture<Identity> refused(String why) {
        return CompletableFuture.completedFuture(invalid(why));
    }

    /** Checks first what takes no key: of an expired or foreign token no signature is verified. */
    private CompletableFuture<Identity> verify(String token) {
        if (token.length() > MAX_TOKEN_LENGTH) {
            return refused("it has %d characters, allowed are %d".formatted(token.length(), MAX_TOKEN_LENGTH));
        }
        SignedJWT jwt;
        JWTClaimsSet claims;
        try {
            jwt = SignedJWT.parse(token);
            claims = jwt.getJWTClaimsSet();
        } catch (ParseException e) {
            return refused("it is not a signed JSON Web Token with claims");
        }
        JWSAlgorithm algorithm = jwt.getHeader().getAlgorithm();
        if (!ALGORITHMS.contains(algorithm)) {
            return refused("its algorithm is '%s', allowed are %s"
                    .formatted(
                            Excerpt.of(algorithm.getName()),
                            ALGORITHMS.stream().map(JWSAlgorithm::getName).collect(Collectors.joining(", "))));
        }
        if (jwt.getHeader().getType() != null && !jwt.getHeader().getType().equals(JOSEObjectType.JWT)) {
            return refused("its type is '%s', not JWT"
                    .formatted(Excerpt.of(jwt.getHeader().getType().getType())));
        }
        InUse configured = inUse;
        String issuer = String.valueOf(claims.getIssuer());
        List<IdentityConfig> ofIssuer = configured.entries().stream()
                .filter(entry -> entry.issuer().toString().equals(issuer))
                .toList();
        if (ofIssuer.isEmpty()) {
            return refused("claim iss is '%s', which is no configured issuer".formatted(Excerpt.of(issuer)));
        }
        Optional<String> time = wrongTime(claims);
        if (time.isPresent()) {
            return refused(time.get());
        }
        List<IdentityConfig> entries = ofIssuer.stream()
                .filter(entry -> entry.audience().stream().anyMatch(claims.getAudience()::contains))
                .toList();
        if (entries.isEmpty()) {
            return refused(
                    claims.getAudience().isEmpty()
                            ? "claim aud is missing"
                            : "claim aud is '%s', which is not for this server"
                                    .formatted(Excerpt.of(String.join(", ", claims.getAudience()))));
        }
        IssuerKeys keys = Objects.requireNonNull(configured.keys().get(Source.of(entries.get(0))));
        return keys.find(jwt.getHeader()).thenApplyAsync(found -> identity(jwt, claims, entries, found), thread);
    }

    private Optional<String> wrongTime(JWTClaimsSet claims) {
        Instant now = clock.instant();
        Date expires = claims.getExpirationTime();
        if (expires == null) {
            return Optional.of("claim exp is missing");
        }
        if (!now.minus(SKEW).isBefore(expires.toInstant())) {
            return Optional.of("it expired at %s; the clock here shows %s".formatted(expires.toInstant(), now));
        }
        for (String claim : List.of("nbf", "iat")) {
            Date from = claim.equals("nbf") ? claims.getNotBeforeTime() : claims.getIssueTime();
            if (from != null && now.plus(SKEW).isBefore(from.toInstant())) {
                return Optional.of("claim %s is %s; the clock here shows %s".formatted(claim, from.toInstant(), now));
            }
        }
        return Optional.empty();
    }

    private static Identity identity(SignedJWT jwt, JWTClaimsSet claims, List<IdentityConfig> entries, List<JWK> keys) {
        if (keys.isEmpty()) {
            return invalid("its issuer has no key '%s' for %s"
                    .formatted(
                            Excerpt.of(String.valueOf(jwt.getHeader().getKeyID())),
                            jwt.getHeader().getAlgorithm()));
        }
        if (keys.stream().noneMatch(key -> hasSigned(key, jwt))) {
            return invalid("its signature is wrong");
        }
        List<Match> matches = entries.stream()
                .map(entry -> new Match(entry, unmet(entry, claims)))
                .toList();
        Match closest = matches.stream()
                .min(Comparator.comparingInt(match -> match.unmet().size()))
                .orElseThrow();
        String name =
                name(closest.entry(), Optional.ofNullable(claims.getSubject()).orElse("no subject"));
        if (!closest.unmet().isEmpty()) {
            return new Identity.Known(
                    name,
                    Grants.NONE,
                    "no entry of access.identities matches %s: %s".formatted(name, String.join(", ", closest.unmet())));
        }
        List<Grants> granted = matches.stream()
                .filter(match -> match.unmet().isEmpty())
                .map(match -> match.entry().grants())
                .toList();
        return new Identity.Known(
                name,
                new Grants(all(granted, Grants::publish), List.of(), List.of(), all(granted, Grants::refresh)),
                "");
    }

    private static List<RepositoryPattern> all(List<Grants> grants, Function<Grants, List<RepositoryPattern>> right) {
        return grants.stream().map(right).flatMap(List::stream).toList();
    }

    private static String name(IdentityConfig entry, String subject) {
        return Excerpt.of(entry.name() + ":" + subject, MAX_NAME_LENGTH);
    }

    private static boolean hasSigned(JWK key, SignedJWT jwt) {
        try {
            Key secretFree = key instanceof AsymmetricJWK pair ? pair.toPublicKey() : null;
            return secretFree != null
                    && jwt.verify(new DefaultJWSVerifierFactory().createJWSVerifier(jwt.getHeader(), secretFree));
        } catch (JOSEException e) {
            return false;
        }
    }

    /** Returns a clause for each claim that does not match; what the configuration expects is not told. */
    private static List<String> unmet(IdentityConfig entry, JWTClaimsSet claims) {
        return entry.claims().keySet().stream()
                .flatMap(claim -> {
                    List<String> values = values(claims.getClaim(claim));
                    if (values.isEmpty()) {
                        return Stream.of("claim %s is missing".formatted(claim));
                    }
                    return entry.allows(claim, values)
                            ? Stream.empty()
                            : Stream.of("claim %s is '%s'".formatted(claim, Excerpt.of(String.join(", ", values))));
                })
                .toList();
    }

    /** Texts, numbers and booleans are compared as text. */
    private static List<String> values(@Nullable Object claim) {
        Collection<?> all =
                claim instanceof Collection<?> several ? several : claim == null ? List.of() : List.of(claim);
        return all.stream()
                .filter(value -> value instanceof String || value instanceof Number || value instanceof Boolean)
                .map(String::valueOf)
                .filter(value -> value.length() <= MAX_VALUE_LENGTH)
                .toList();
    }

    /** Tokens that are being verified are refused as busy at the latest. */
    @Override
    public void close() {
        thread.shutdown();
    }
}
