package io.jenkins.plugins.cvmfs.notify.proxy.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.ManualClock;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Denied;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Granted;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ProxyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.Accesses;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTokensTest {

    private static final byte[] NO_BODY = {};
    private static final RepositoryName SW = new RepositoryName("sw.example.org");
    private static final RepositoryName OTHER = new RepositoryName("other.example.org");
    private static final String MAIN = "{\"repository\": \"example/software\", \"ref\": \"refs/heads/main\"}";

    @TempDir
    Path folder;

    private final ManualClock clock = new ManualClock();
    private final AtomicLong nanos = new AtomicLong();
    private final MeterRegistry meters = new SimpleMeterRegistry();
    private TestIssuer issuer;
    private IdentityTokens tokens;
    private AccessRules rules;

    @BeforeEach
    void start() throws IOException {
        issuer = new TestIssuer();
        use(MAIN);
    }

    @AfterEach
    void stop() {
        tokens.close();
        issuer.close();
    }

    @Test
    void aJobWithTheseClaimsMayPublishAndIsNamed() {
        assertThat(mayPublish(token(claims -> {}), SW))
                .isEqualTo(new Granted("github:repo:example/software:ref:refs/heads/main"));
        assertThat(mayPublish(issuer.elliptic(clock.instant()), SW)).isInstanceOf(Granted.class);
        assertThat(rules.mayRefresh(identified(token(claims -> {})), SW)).isInstanceOf(Granted.class);
        assertThat(count("valid")).isEqualTo(3);
    }

    @Test
    void itMayNotPublishOtherRepositoriesNorForget() {
        assertDenied(
                mayPublish(token(claims -> {}), OTHER),
                Denial.NOT_ALLOWED,
                "the right to publish other.example.org; the server's administrator can add it to the publish list");
        assertDenied(
                rules.mayForget(identified(token(claims -> {})), SW),
                Denial.NOT_ALLOWED,
                "the right to forget sw.example.org");
    }

    @Test
    void aTokenOfAnotherBranchIsToldWhichClaimDoesNotMatch() {
        assertDenied(
                mayPublish(token(claims -> claims.claim("ref", "refs/heads/dev")), SW),
                Denial.NOT_ALLOWED,
                "no entry of access.identities matches github:repo:example/software:ref:refs/heads/main: claim ref is 'refs/heads/dev'");
        assertDenied(
                mayPublish(token(claims -> claims.claim("ref", null)), SW), Denial.NOT_ALLOWED, "claim ref is missing");
    }

    @Test
    void aTokenForAnotherServerIsRefused() {
        assertInvalid(
                token(claims -> claims.audience("https://other.example.org")),
                "claim aud is 'https://other.example.org', which is not for this server");
        assertInvalid(token(claims -> claims.audience((String) null)), "claim aud is missing");
        assertThat(mayPublish(token(claims -> claims.audience(List.of("other", TestIssuer.AUDIENCE))), SW))
                .isInstanceOf(Granted.class);
    }

    @Test
    void aTokenOfAnotherIssuerIsRefusedWithoutReadingIt() throws IOException {
        try (TestIssuer stranger = new TestIssuer()) {
            assertInvalid(stranger.token(clock.instant(), claims -> {}), "which is no configured issuer");
            assertThat(stranger.keyReads()).isZero();
        }
        assertThat(issuer.keyReads()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"359, true", "360, false"})
    void aTokenCountsForAMinuteAfterItsEnd(int seconds, boolean counts) {
        String token = token(claims -> {});
        clock.move(Duration.ofSeconds(seconds));

        if (counts) {
            assertThat(mayPublish(token, SW)).isInstanceOf(Granted.class);
        } else {
            assertInvalid(token, "it expired at 2026-11-23T12:05:00Z; the clock here shows 2026-11-23T12:06:00Z");
        }
    }

    @Test
    void aTokenOfTheFutureOrWithoutAnEndIsRefused() {
        Date later = Date.from(clock.instant().plusSeconds(61));

        assertInvalid(token(claims -> claims.notBeforeTime(later)), "claim nbf is 2026-11-23T12:01:01Z");
        assertInvalid(token(claims -> claims.issueTime(later)), "claim iat is 2026-11-23T12:01:01Z");
        assertInvalid(token(claims -> claims.expirationTime(null)), "claim exp is missing");
    }

    @Test
    void aTokenWithoutASignatureIsRefused() {
        JWTClaimsSet claims = issuer.claims(clock.instant()).build();

        assertInvalid(new PlainJWT(claims).serialize(), "not a signed JSON Web Token");
        String signed = token(any -> {});
        assertInvalid(signed.substring(0, signed.lastIndexOf('.') + 1), "not a signed JSON Web Token");
        assertThat(issuer.keyReads()).isZero();
    }

    @Test
    void aTokenSignedWithThePublicKeyAsASharedSecretIsRefused() throws JOSEException {
        SignedJWT forged = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256)
                        .keyID(TestIssuer.first().getKeyID())
                        .build(),
                issuer.claims(clock.instant()).build());
        forged.sign(new MACSigner(TestIssuer.first().toRSAKey().toPublicKey().getEncoded()));

        assertInvalid(forged.serialize(), "its algorithm is 'HS256', allowed are RS256");
    }

    @Test
    void aChangedTokenIsRefused() {
        String token = token(claims -> claims.claim("ref", "refs/heads/dev"));
        String[] parts = token.split("\\.", -1);
        String payload = new String(Base64.getUrlDecoder().decode(parts[1]), UTF_8);
        assertThat(payload).contains("refs/heads/dev");
        String changed = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(payload.replace("heads/dev", "heads/main").getBytes(UTF_8));

        assertInvalid(parts[0] + "." + changed + "." + parts[2], "its signature is wrong");
    }

    @Test
    void aTokenOfAnotherKindIsRefused() {
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .type(new JOSEObjectType("logout+jwt"))
                .keyID(TestIssuer.first().getKeyID())
                .build();

        assertInvalid(
                TestIssuer.sign(
                        header,
                        TestIssuer.first(),
                        issuer.claims(clock.instant()).build()),
                "its type is 'logout+jwt', not JWT");
    }

    @Test
    void aKeyInTheTokenItselfIsNotUsed() {
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .jwk(TestIssuer.OTHER_RSA.toPublicJWK())
                .keyID(TestIssuer.first().getKeyID())
                .build();

        assertInvalid(
                TestIssuer.sign(
                        header,
                        TestIssuer.OTHER_RSA,
                        issuer.claims(clock.instant()).build()),
                "its signature is wrong");
    }

    @ParameterizedTest
    @ValueSource(strings = {"eyJhIjoxfQ.e30.AAAA", "eyJ.eyJ.x", "eyJ..", "eyJhbGciOiJSUzI1NiJ9.bm90IGpzb24.AAAA"})
    void whatOnlyLooksLikeATokenIsRefused(String token) {
        assertInvalid(token, "not a signed JSON Web Token");
    }

    @Test
    void aVeryLongTokenIsRefused() {
        assertInvalid(token(claims -> claims.claim("much", "x".repeat(16 * 1024))), "characters, allowed are 16384");
    }

    @Test
    void aNewKeyIsReadButNotOftenerThanEveryTenSeconds() {
        assertThat(mayPublish(token(claims -> {}), SW)).isInstanceOf(Granted.class);
        issuer.publishes(TestIssuer.OTHER_RSA);
        String next = issuer.token(JWSAlgorithm.RS256, TestIssuer.OTHER_RSA, clock.instant(), claims -> {});

        assertDenied(mayPublish(next, SW), Denial.IDENTITY_UNAVAILABLE, "its key is new, and is looked for soon");
        move(IssuerKeys.BETWEEN_FETCHES);
        assertThat(mayPublish(next, SW)).isInstanceOf(Granted.class);
        move(IssuerKeys.BETWEEN_FETCHES);
        assertInvalid(token(claims -> {}), "its issuer has no key 'rsa-1' for RS256");
    }

    @Test
    void aThousandTokensWithUnknownKeysCauseFewReads() {
        String unknown = issuer.token(JWSAlgorithm.RS256, TestIssuer.OTHER_RSA, clock.instant(), claims -> {});

        for (int i = 0; i < 1_000; i++) {
            assertThat(mayPublish(unknown, SW)).isInstanceOf(Denied.class);
            nanos.addAndGet(Duration.ofMillis(20).toNanos());
        }

        assertThat(issuer.keyReads()).isEqualTo(2);
    }

    @Test
    void tokensAtTheSameTimeWaitForOneRead() {
        List<CompletableFuture<Caller>> all = IntStream.range(0, 64)
                .mapToObj(i -> rules.identified(caller(token(claims -> {}))))
                .toList();

        assertThat(all)
                .allSatisfy(caller ->
                        assertThat(rules.mayPublish(caller.join(), SW, NO_BODY)).isInstanceOf(Granted.class));
        assertThat(issuer.keyReads()).isEqualTo(1);
    }

    @Test
    void keysAreReadAgainAfterAQuarterOfAnHourAndAWithdrawnOneIsNotUsedAnyMore() {
        assertThat(mayPublish(token(claims -> {}), SW)).isInstanceOf(Granted.class);
        issuer.publishes(TestIssuer.OTHER_RSA);

        move(IssuerKeys.REFRESH.minusSeconds(1));
        assertThat(mayPublish(token(claims -> {}), SW)).isInstanceOf(Granted.class);
        move(Duration.ofSeconds(1));
        assertInvalid(token(claims -> {}), "its issuer has no key");
    }

    @Test
    void keysRemainInUseForADayWhileTheIssuerIsDown() {
        assertThat(mayPublish(token(claims -> {}), SW)).isInstanceOf(Granted.class);
        issuer.answersWith(500);

        move(IssuerKeys.OUTAGE.minusSeconds(1));
        assertThat(mayPublish(token(claims -> {}), SW)).isInstanceOf(Granted.class);
        move(Duration.ofSeconds(1));
        assertDenied(
                mayPublish(token(claims -> {}), SW),
                Denial.IDENTITY_UNAVAILABLE,
                "the token cannot be verified now: its issuer answers 500");
        assertThat(count("unavailable")).isEqualTo(1);
    }

    @Test
    void withoutAnIssuerThatAnswersTheCallerIsAskedToTryAgain() {
        issuer.close();

        Permission permission = mayPublish(token(claims -> {}), SW);
        assertDenied(permission, Denial.IDENTITY_UNAVAILABLE, "its issuer cannot be read");
        assertThat(Denial.IDENTITY_UNAVAILABLE.response("any").status()).isEqualTo(503);
    }

    @Test
    void oneAddressCannotTakeThePlacesOfOthers() {
        issuer.hangs();
        String token = token(claims -> {});
        Caller neighbour =
                new Caller(Accesses.from("198.51.100.7").peer(), caller(token).authorization(), false);

        for (int i = 0; i < 64; i++) {
            assertThat(rules.identified(caller(token))).isNotDone();
        }

        assertDenied(mayPublish(token, SW), Denial.IDENTITY_UNAVAILABLE, "too many tokens wait to be verified");
        assertThat(rules.identified(neighbour)).isNotDone();
    }

    @Test
    void anAnswerThatDoesNotEndIsGivenUp() {
        issuer.hangs();

        assertDenied(
                mayPublish(token(claims -> {}), SW),
                Denial.IDENTITY_UNAVAILABLE,
                "its issuer cannot be read: no answer within 5 s");
    }

    @Test
    void aHugeAnswerIsNotRead() {
        issuer.publishesText("{\"keys\":[" + " ".repeat(10 << 20) + "]}");

        assertDenied(
                mayPublish(token(claims -> {}), SW),
                Denial.IDENTITY_UNAVAILABLE,
                "its issuer's answer is longer than 262144 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{\"keys\":7}", "{\"keys\":[{}]}", "{\"keys\":[]}", "<html>"})
    void malformedKeysAreNotUsed(String text) {
        issuer.publishesText(text);

        assertDenied(mayPublish(token(claims -> {}), SW), Denial.IDENTITY_UNAVAILABLE, "its issuer");
    }

    @Test
    void anIssuerThatCallsItselfOtherwiseIsNotBelieved() {
        issuer.callsItself("https://other.example.org");

        assertDenied(
                mayPublish(token(claims -> {}), SW),
                Denial.IDENTITY_UNAVAILABLE,
                "its issuer calls itself 'https://other.example.org'");
    }

    @Test
    void keysAreNotReadFromAnUnsafePlaceNorThroughARedirect() {
        issuer.describesItself("{\"issuer\":\"%s\",\"jwks_uri\":\"http://keys.example.org/\"}".formatted(issuer.url()));
        assertDenied(mayPublish(token(claims -> {}), SW), Denial.IDENTITY_UNAVAILABLE, "jwks_uri is not an https URL");

        issuer.answersWith(302);
        move(IssuerKeys.BETWEEN_FETCHES);
        assertDenied(mayPublish(token(claims -> {}), SW), Denial.IDENTITY_UNAVAILABLE, "302 for http://127.0.0.1:");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"repository": "example/*", "ref": "refs/heads/*"}        | true
                    {"repository": "other/*"}                                 | false
                    {"sub": "repo:*:ref:*main", "repository": "example/software"} | true
                    {"repository": ["other/thing", "example/software"]}       | true
                    {"repository": "example/soft"}                            | false
                    {"groups": "release-*"}                                   | true
                    {"groups": "release"}                                     | false
                    {"ref_protected": "true"}                                 | true
                    {"run": "7", "flag": true}                                | true
                    {"object": "*x*"}                                         | false
                    """)
    void everyClaimMustMatchAPattern(String conditions, boolean granted) throws IOException {
        use(conditions);

        Permission permission = mayPublish(
                token(claims -> claims.claim("groups", List.of("developers", "release-managers"))
                        .claim("ref_protected", "true")
                        .claim("run", 7)
                        .claim("flag", true)
                        .claim("object", Map.of("x", "x"))),
                SW);

        assertThat(permission).isInstanceOf(granted ? Granted.class : Denied.class);
    }

    @Test
    void aReloadKeepsTheKeysAndChangesTheConditions() throws IOException {
        String token = token(claims -> {});
        assertThat(mayPublish(token, SW)).isInstanceOf(Granted.class);

        tokens.prepare(config("{\"ref\": \"refs/heads/release\"}")).run();
        assertDenied(mayPublish(token, SW), Denial.NOT_ALLOWED, "claim ref is 'refs/heads/main'");
        tokens.prepare(config("{\"ref\": \"refs/heads/*\"}")).run();
        assertThat(mayPublish(token, SW)).isInstanceOf(Granted.class);
        assertThat(issuer.keyReads()).isEqualTo(1);
    }

    @Test
    void aMissingFileOfAuthoritiesIsNamed() {
        assertThatThrownBy(() -> use(MAIN + ", \"ca_file\": \"/no/such/ca.pem\""))
                .hasMessageContaining("/no/such/ca.pem");
    }

    @Test
    void anIdentityTokenIsNeitherWrongNorEnoughWhereItIsNotVerified() {
        Caller unverified = caller(token(claims -> {}));

        assertDenied(rules.subscriber(unverified).check(SW), Denial.CREDENTIALS_NEEDED, "subscribe to sw.example.org");
        assertDenied(rules.mayForget(unverified, SW), Denial.CREDENTIALS_NEEDED, "forget sw.example.org");
        assertThat(rules.knows("Bearer " + token(claims -> {}))).isFalse();
        assertDenied(
                rules.mayRefresh(new Secret(token(claims -> {})), SW),
                Denial.INVALID_CREDENTIALS,
                "the token in the path is not valid");
    }

    @Test
    void whatIsNoIdentityTokenIsRefusedAsBefore() {
        assertDenied(
                mayPublish("hunter2", SW),
                Denial.INVALID_CREDENTIALS,
                "the credentials in the Authorization header are not valid");
    }

    @Test
    void aClosedVerifierAnswersToo() {
        tokens.close();

        assertDenied(mayPublish(token(claims -> {}), SW), Denial.IDENTITY_UNAVAILABLE, "too many tokens");
    }

    @Test
    void aStrangeSubjectIsMadeReadable() {
        Permission permission = mayPublish(token(claims -> claims.subject("a\nb\u202e" + "c".repeat(1_000))), SW);

        assertThat(permission.holder()).startsWith("github:a?b?ccc").hasSizeLessThanOrEqualTo(201);
    }

    private void use(String claims) throws IOException {
        ProxyConfig config = config(claims);
        tokens = new IdentityTokens(config.access(), clock, nanos::get, meters);
        rules = AccessRules.read(config, tokens);
    }

    private ProxyConfig config(String claims) throws IOException {
        Path file = Files.writeString(
                folder.resolve("config.json"), """
                {"access": {"anonymous_publish": "nobody", "anonymous_subscribe": "nobody", "local_token_file": "",
                 "identities": [{"name": "github", "issuer": "%s", "audience": "%s", "claims": %s,
                 "publish": "sw.*", "refresh": "sw.example.org"}]}}
                """.formatted(issuer.url(), TestIssuer.AUDIENCE, claims));
        return ConfigLoader.load(new ConfigSources(Optional.of(file), Map.of(), List.of()))
                .config();
    }

    private void move(Duration time) {
        clock.move(time);
        nanos.addAndGet(time.toNanos());
    }

    private String token(Consumer<JWTClaimsSet.Builder> change) {
        Instant now = clock.instant();
        return issuer.token(now, change);
    }

    private static Caller caller(String token) {
        return new Caller(Accesses.stranger().peer(), List.of(new Secret("Bearer " + token)), false);
    }

    private Caller identified(String token) {
        return rules.identified(caller(token)).join();
    }

    private Permission mayPublish(String token, RepositoryName repository) {
        return rules.mayPublish(identified(token), repository, NO_BODY);
    }

    private void assertInvalid(String token, String why) {
        Permission permission = mayPublish(token, SW);
        assertDenied(permission, Denial.INVALID_CREDENTIALS, "the token is not valid: ");
        assertDenied(permission, Denial.INVALID_CREDENTIALS, why);
    }

    private static void assertDenied(Permission permission, Denial reason, String detail) {
        assertThat(permission).isInstanceOfSatisfying(Denied.class, denied -> {
            assertThat(denied.reason()).isEqualTo(reason);
            assertThat(denied.detail()).contains(detail);
        });
    }

    private double count(String outcome) {
        return meters.get("cvmfs_notify_identity_tokens")
                .tag("outcome", outcome)
                .counter()
                .count();
    }
}
