package io.jenkins.plugins.cvmfs.notify.proxy.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyType;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** An OpenID Connect issuer on the loopback: serves its keys over HTTP, and signs tokens such as those of GitHub Actions. */
public final class TestIssuer implements AutoCloseable {

    public static final String AUDIENCE = "https://notify.example.org";

    private static final JWK RSA = rsa("rsa-1");
    private static final JWK EC = ec("ec-1");

    /** Made once: to make one takes a while. */
    static final JWK OTHER_RSA = rsa("rsa-2");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger keyReads = new AtomicInteger();
    private final CountDownLatch end = new CountDownLatch(1);
    private volatile String discovery;
    private volatile String keys = published(List.of(RSA, EC));
    private volatile int status = 200;
    private volatile boolean hangs;

    public TestIssuer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        discovery = discovery(url());
        server.createContext("/.well-known/openid-configuration", exchange -> answer(exchange, discovery));
        server.createContext("/keys", exchange -> {
            keyReads.incrementAndGet();
            if (hangs) {
                hang(exchange);
            }
            answer(exchange, keys);
        });
        server.createContext("/job", this::giveToJob);
        server.start();
    }

    /** As GitHub gives a job its token, for the secret {@code of-the-job}. */
    private void giveToJob(HttpExchange exchange) throws IOException {
        boolean isJob = "bearer of-the-job".equals(exchange.getRequestHeaders().getFirst("Authorization"));
        if (!isJob
                || !("version=2&audience=" + AUDIENCE)
                        .equals(exchange.getRequestURI().getQuery())) {
            exchange.sendResponseHeaders(403, -1);
            return;
        }
        answer(exchange, "{\"count\":1,\"value\":\"%s\"}".formatted(token(Instant.now(), claims -> {})));
    }

    private void hang(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().write("{\"keys\"".getBytes(UTF_8));
        exchange.getResponseBody().flush();
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(HttpExchange exchange, String text) throws IOException {
        byte[] body = text.getBytes(UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private String discovery(String issuer) {
        return "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}".formatted(issuer, url());
    }

    /** The claim {@code iss}. */
    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    int keyReads() {
        return keyReads.get();
    }

    void answersWith(int other) {
        status = other;
    }

    void hangs() {
        hangs = true;
    }

    void publishes(JWK... all) {
        keys = published(List.of(all));
    }

    void publishesText(String text) {
        keys = text;
    }

    void callsItself(String issuer) {
        discovery = discovery(issuer);
    }

    void describesItself(String document) {
        discovery = document;
    }

    private static String published(List<JWK> all) {
        return new JWKSet(all).toPublicJWKSet().toString();
    }

    /** The claims of a job on the main branch, valid for five minutes. */
    public JWTClaimsSet.Builder claims(Instant now) {
        return new JWTClaimsSet.Builder()
                .issuer(url())
                .audience(AUDIENCE)
                .subject("repo:example/software:ref:refs/heads/main")
                .claim("repository", "example/software")
                .claim("ref", "refs/heads/main")
                .issueTime(Date.from(now))
                .notBeforeTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(300)));
    }

    /** A token with changed claims, signed by the first key. */
    public String token(Instant now, Consumer<JWTClaimsSet.Builder> change) {
        return token(JWSAlgorithm.RS256, RSA, now, change);
    }

    String elliptic(Instant now) {
        return token(JWSAlgorithm.ES256, EC, now, claims -> {});
    }

    String token(JWSAlgorithm algorithm, JWK key, Instant now, Consumer<JWTClaimsSet.Builder> change) {
        JWTClaimsSet.Builder claims = claims(now);
        change.accept(claims);
        return sign(new JWSHeader.Builder(algorithm).keyID(key.getKeyID()).build(), key, claims.build());
    }

    static String sign(JWSHeader header, JWK key, JWTClaimsSet claims) {
        try {
            JWSSigner signer = key.getKeyType().equals(KeyType.RSA)
                    ? new RSASSASigner(key.toRSAKey())
                    : new ECDSASigner(key.toECKey());
            SignedJWT jwt = new SignedJWT(header, claims);
            jwt.sign(signer);
            return jwt.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    static JWK first() {
        return RSA;
    }

    private static JWK rsa(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JWK ec(String id) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        end.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
