package io.jenkins.plugins.cvmfs.notify.proxy.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyType;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.NotifyException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.IdentityConfig;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The public keys of one issuer: read where its discovery document says, and cached. One read is under way at a time, for everyone who needs
 * a key, and the next one begins {@link #BETWEEN_FETCHES} after the last one at the earliest. While the issuer cannot be read, the keys remain
 * in use for {@link #OUTAGE}. Thread-safe; nothing blocks.
 */
final class IssuerKeys {

    /** The time from the beginning of a read to that of the next one, whatever tokens ask for. */
    static final Duration BETWEEN_FETCHES = Duration.ofSeconds(10);

    /** The age at which keys are read again, so that a key that the issuer has withdrawn is not used for longer. */
    static final Duration REFRESH = Duration.ofMinutes(15);

    /** The age at which keys are no longer used. */
    static final Duration OUTAGE = Duration.ofHours(24);

    /** For both documents together. */
    static final Duration FETCH_TIMEOUT = Duration.ofSeconds(5);

    /** Of each document; real ones have less than 20 KiB. */
    static final int MAX_BYTES = 256 * 1024;

    /** Tokens that may wait for a read. */
    static final int MAX_WAITING = 256;

    private static final Logger LOG = LoggerFactory.getLogger(IssuerKeys.class);
    private static final int MAX_KEYS = 100;

    /** In bits, of RSA: shorter ones are not safe, longer ones take long to verify with. */
    private static final int SHORTEST_KEY = 2048;

    private static final int LONGEST_KEY = 8192;

    /** Thrown if the keys are not known now; the message is a clause for the caller and the log. */
    static final class UnavailableException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        UnavailableException(String message) {
            super(message, null, false, false);
        }
    }

    private final IdentityConfig config;
    private final HttpClient http;
    private final LongSupplier nanoTime;
    private final Consumer<Boolean> fetched;

    private @Nullable JWKSet keys;
    private long readAtNanos;
    private @Nullable CompletableFuture<JWKSet> running;
    private int waiting;
    private boolean attempted;
    private long attemptedAtNanos;
    private @Nullable String lastFailure;

    /**
     * @param config of which the issuer counts
     * @param http follows no redirects
     * @param nanoTime a clock that never jumps
     * @param fetched told of the end of each read: whether it succeeded
     */
    IssuerKeys(IdentityConfig config, HttpClient http, LongSupplier nanoTime, Consumer<Boolean> fetched) {
        this.config = config;
        this.http = http;
        this.nanoTime = nanoTime;
        this.fetched = fetched;
    }

    /**
     * Returns the keys that may have signed a token with this header, from the cache if they are fresh there. The list is empty if the issuer
     * has none. The future fails with {@link UnavailableException} if that is not known.
     */
    CompletableFuture<List<JWK>> find(JWSHeader header) {
        CompletableFuture<JWKSet> read;
        boolean begins = false;
        synchronized (this) {
            List<JWK> cached = usable(header);
            if (!cached.isEmpty() && age(readAtNanos) < REFRESH.toNanos()) {
                return CompletableFuture.completedFuture(cached);
            }
            if (waiting >= MAX_WAITING) {
                return outcome(cached, "too many tokens wait for the keys of their issuer");
            }
            if (running == null) {
                if (attempted && age(attemptedAtNanos) < BETWEEN_FETCHES.toNanos()) {
                    return outcome(
                            cached, lastFailure == null ? "its key is new, and is looked for soon" : lastFailure);
                }
                running = new CompletableFuture<>();
                begins = true;
                attempted = true;
                attemptedAtNanos = nanoTime.getAsLong();
            }
            waiting++;
            read = running;
        }
        if (begins) {
            var unused = fetch().whenComplete((set, failure) -> ended(read, set, failure));
        }
        return read.handle((set, failure) -> {
            synchronized (this) {
                waiting--;
                List<JWK> found = usable(header);
                if (failure != null && found.isEmpty()) {
                    throw new UnavailableException(String.valueOf(failure.getMessage()));
                }
                return found;
            }
        });
    }

    private static CompletableFuture<List<JWK>> outcome(List<JWK> cached, String otherwise) {
        return cached.isEmpty()
                ? CompletableFuture.failedFuture(new UnavailableException(otherwise))
                : CompletableFuture.completedFuture(cached);
    }

    private List<JWK> usable(JWSHeader header) {
        return keys == null || age(readAtNanos) >= OUTAGE.toNanos()
                ? List.of()
                : new JWKSelector(JWKMatcher.forJWSHeader(header)).select(keys);
    }

    private long age(long sinceNanos) {
        return nanoTime.getAsLong() - sinceNanos;
    }

    private void ended(CompletableFuture<JWKSet> read, @Nullable JWKSet set, @Nullable Throwable failure) {
        boolean succeeded = set != null;
        String reason = succeeded ? null : reason(failure);
        boolean changes;
        synchronized (this) {
            changes = (reason == null) != (lastFailure == null) || keys == null;
            if (set != null) {
                keys = set;
                readAtNanos = nanoTime.getAsLong();
            }
            lastFailure = reason;
            running = null;
        }
        fetched.accept(succeeded);
        if (set != null) {
            LOG.atLevel(changes ? Level.INFO : Level.DEBUG)
                    .addKeyValue("issuer", config.issuer())
                    .addKeyValue("keys", set.getKeys().size())
                    .log("keys of an issuer read");
            read.complete(set);
        } else {
            LOG.atWarn()
                    .addKeyValue("issuer", config.issuer())
                    .addKeyValue("reason", reason)
                    .log("keys of an issuer cannot be read");
            read.completeExceptionally(new UnavailableException(String.valueOf(reason)));
        }
    }

    private static String reason(@Nullable Throwable failure) {
        Throwable cause = failure == null ? null : NotifyException.unwrapped(failure);
        if (cause instanceof UnavailableException) {
            return String.valueOf(cause.getMessage());
        }
        String why = cause instanceof TimeoutException || cause instanceof HttpTimeoutException
                ? "no answer within %d s".formatted(FETCH_TIMEOUT.toSeconds())
                : cause == null || cause.getMessage() == null
                        ? "the connection fails"
                        : Excerpt.of(String.valueOf(cause.getMessage()));
        return "its issuer cannot be read: " + why;
    }

    private CompletableFuture<JWKSet> fetch() {
        try {
            return get(config.discovery())
                    .thenApply(this::keysUrl)
                    .thenCompose(this::get)
                    .thenApply(IssuerKeys::parse)
                    .orTimeout(FETCH_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** The time limit counts until the answer begins, and {@link Body} ends an answer that takes longer. */
    private CompletableFuture<String> get(URI url) {
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(FETCH_TIMEOUT)
                .header("Accept", "application/json")
                .header("User-Agent", "notify-proxy")
                .build();
        return http.sendAsync(request, answer -> {
                    Body body = new Body();
                    if (answer.statusCode() != 200) {
                        body.fail("its issuer answers %d for %s%s"
                                .formatted(
                                        answer.statusCode(),
                                        Excerpt.of(url.toString()),
                                        answer.statusCode() / 100 == 3 ? "; redirects are not followed" : ""));
                    }
                    return body;
                })
                .thenApply(HttpResponse::body);
    }

    private URI keysUrl(String discovery) {
        try {
            Map<String, Object> document = JSONObjectUtils.parse(discovery, MAX_BYTES);
            String issuer = JSONObjectUtils.getString(document, "issuer");
            if (!config.issuer().toString().equals(issuer)) {
                throw new UnavailableException("its issuer calls itself '%s', not '%s'"
                        .formatted(Excerpt.of(String.valueOf(issuer)), config.issuer()));
            }
            URI url = new URI(String.valueOf(JSONObjectUtils.getString(document, "jwks_uri")));
            if (!IdentityConfig.isSafe(url)
                    || ("https".equalsIgnoreCase(config.issuer().getScheme())
                            && !"https".equalsIgnoreCase(url.getScheme()))) {
                throw new UnavailableException("its issuer's jwks_uri is not an https URL");
            }
            return url;
        } catch (ParseException | URISyntaxException e) {
            throw new UnavailableException("its issuer's discovery document is malformed");
        }
    }

    private static JWKSet parse(String text) {
        List<JWK> found;
        try {
            found = JWKSet.parse(text).getKeys();
        } catch (ParseException e) {
            throw new UnavailableException("its issuer's keys are malformed");
        }
        List<JWK> usable =
                found.stream().limit(MAX_KEYS).filter(IssuerKeys::isUsable).toList();
        if (usable.isEmpty()) {
            throw new UnavailableException("its issuer has no usable keys");
        }
        return new JWKSet(usable).toPublicJWKSet();
    }

    private static boolean isUsable(JWK key) {
        return key.getKeyType().equals(KeyType.EC)
                || (key.getKeyType().equals(KeyType.RSA) && key.size() >= SHORTEST_KEY && key.size() <= LONGEST_KEY);
    }

    /** Takes a bounded answer. Cancels the rest of a longer one, and of one that takes too long, so that no connection remains. */
    private static final class Body implements HttpResponse.BodySubscriber<String> {

        private final CompletableFuture<String> text =
                new CompletableFuture<String>().orTimeout(FETCH_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        void fail(String reason) {
            text.completeExceptionally(new UnavailableException(reason));
        }

        @Override
        public CompletionStage<String> getBody() {
            return text;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            var unused = text.whenComplete((done, failure) -> {
                if (failure != null) {
                    subscription.cancel();
                }
            });
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> parts) {
            for (ByteBuffer part : parts) {
                if (text.isDone()) {
                    return;
                }
                if (bytes.size() + part.remaining() > MAX_BYTES) {
                    fail("its issuer's answer is longer than %d bytes".formatted(MAX_BYTES));
                    return;
                }
                byte[] copy = new byte[part.remaining()];
                part.get(copy);
                bytes.writeBytes(copy);
            }
        }

        @Override
        public void onError(Throwable failure) {
            text.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            text.complete(bytes.toString(UTF_8));
        }
    }
}
