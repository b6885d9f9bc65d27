package io.jenkins.plugins.cvmfs.notify.proxy.access;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.sample.SigningKeys;
import io.jenkins.plugins.cvmfs.notify.client.transport.GatewayKey;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Denied;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.Granted;
import io.jenkins.plugins.cvmfs.notify.proxy.access.Permission.IfVerified;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.AnonymousPublish;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Grants;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.TokenConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import io.jenkins.plugins.cvmfs.notify.proxy.config.LocalToken;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryPattern;
import io.jenkins.plugins.cvmfs.notify.proxy.config.Secret;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TestConfigs;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Peer;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Peer.Source;
import io.jenkins.plugins.cvmfs.notify.proxy.publish.Accesses;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessRulesTest {

    private static final byte[] BODY = "{\"any\": \"body\"}".getBytes(UTF_8);
    private static final TokenHash.Minted TOKEN = TokenHash.mint();
    private static final String BEARER = "Bearer " + TOKEN.token().value();
    private static final TokenHash.Minted HOOK = TokenHash.mint();
    private static final GatewayKey GATEWAY_KEY = GatewayKey.parse("plain_text gateway1 s3cret");
    private static final RepositoryName SW = new RepositoryName("sw.example.org");
    private static final RepositoryName OTHER = new RepositoryName("other.example.net");

    @TempDir
    Path folder;

    private AccessRules rights;

    @BeforeEach
    void readRights() throws IOException {
        rights = rights("nobody", "nobody");
    }

    @ParameterizedTest
    @CsvSource({
        "sw.example.org, true",
        "other.example.net, false",
    })
    void aTokenIsGoodForItsRepositories(String repository, boolean granted) {
        Permission permission = rights.mayPublish(with(BEARER), new RepositoryName(repository), BODY);

        assertGranted(permission, granted, Denial.NOT_ALLOWED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer hunter2",
                "Bearer",
                "Bearer ",
                "hunter2",
                "Bearer cvmfs-notify_aaaaaaaa_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "gateway1 AAAA",
                "nobody AAAA",
                "gateway1 not/base64!",
                "a b c",
            })
    void wrongCredentialsAreAllRefusedInTheSameWords(String header) {
        Permission permission = rights.mayPublish(with(header), SW, BODY);

        assertThat(permission)
                .isEqualTo(new Denied(
                        Denial.INVALID_CREDENTIALS, "the credentials in the Authorization header are not valid"));
    }

    @Test
    void aTokenWithAnotherSecretIsWrong() {
        String token = TOKEN.token().value();
        char last = token.charAt(token.length() - 2);
        String altered = token.substring(0, token.length() - 2)
                + (last == 'A' ? 'B' : 'A')
                + token.substring(token.length() - 1);

        assertDenied(rights.mayPublish(with("Bearer " + altered), SW, BODY), Denial.INVALID_CREDENTIALS);
    }

    @Test
    void theLocalTokenCountsOverTheLoopbackOnly(@TempDir Path own) throws IOException {
        Path file = own.resolve("local.token");
        LocalToken.makeIfAbsent(file);
        AccessRules withLocal = AccessRules.of(config("nobody", "nobody"), LocalToken.entry(file));
        List<Secret> shown =
                List.of(new Secret("Bearer " + Files.readString(file).strip()));

        assertGranted(
                withLocal.mayPublish(new Caller(Accesses.from("127.0.0.1").peer(), shown, false), SW, BODY),
                true,
                Denial.CREDENTIALS_NEEDED);
        assertDenied(
                withLocal.mayPublish(new Caller(Accesses.stranger().peer(), shown, false), SW, BODY),
                Denial.CREDENTIALS_NEEDED);
        assertDenied(
                withLocal.mayForget(new Caller(Accesses.stranger().peer(), shown, false), SW),
                Denial.CREDENTIALS_NEEDED);
    }

    @Test
    void aRefreshNeedsARightOfItsOwn() {
        AccessRules refreshing = AccessRules.of(
                TestConfigs.access()
                        .withTokens(List.of(
                                new TokenConfig("hook", HOOK.hash(), refreshOnly("sw.*")),
                                new TokenConfig("publisher", TOKEN.hash(), Grants.ALL))),
                Optional.empty());
        String hook = HOOK.token().value();

        assertThat(refreshing.mayRefresh(with("Bearer " + hook), SW)).isEqualTo(new Granted("token hook"));
        assertDenied(refreshing.mayRefresh(with("Bearer " + hook), OTHER), Denial.NOT_ALLOWED);
        assertThat(refreshing.mayRefresh(with(BEARER), OTHER)).isInstanceOf(Granted.class);
        assertDenied(refreshing.mayRefresh(Accesses.stranger(), SW), Denial.CREDENTIALS_NEEDED);
        assertDenied(refreshing.mayRefresh(with(BEARER + "x"), SW), Denial.INVALID_CREDENTIALS);
        assertThat(refreshing.mayPublish(with("Bearer " + hook), SW, BODY)).isInstanceOf(IfVerified.class);
    }

    @Test
    void aTokenInAPathMustHaveNoOtherRight() {
        AccessRules refreshing = AccessRules.of(
                TestConfigs.access()
                        .withTokens(List.of(
                                new TokenConfig("hook", HOOK.hash(), refreshOnly("sw.*")),
                                new TokenConfig("publisher", TOKEN.hash(), Grants.ALL))),
                Optional.empty());

        assertThat(refreshing.mayRefresh(HOOK.token(), SW)).isEqualTo(new Granted("token hook"));
        assertDenied(refreshing.mayRefresh(HOOK.token(), OTHER), Denial.NOT_ALLOWED);
        assertDenied(refreshing.mayRefresh(TOKEN.token(), SW), Denial.NOT_ALLOWED);
        assertDenied(refreshing.mayRefresh(new Secret("hunter2"), SW), Denial.INVALID_CREDENTIALS);
        assertDenied(refreshing.mayRefresh(new Secret(""), SW), Denial.INVALID_CREDENTIALS);
        assertThat(refreshing.mayRefresh(TOKEN.token(), SW).toString())
                .doesNotContain(TOKEN.token().value());
    }

    private static Grants refreshOnly(String pattern) {
        return new Grants(List.of(), List.of(), List.of(), List.of(new RepositoryPattern(pattern)));
    }

    @Test
    void twoHeadersAreWrong() {
        Caller caller = new Caller(Accesses.stranger().peer(), List.of(new Secret(BEARER), new Secret(BEARER)), false);

        assertDenied(rights.mayPublish(caller, SW, BODY), Denial.INVALID_CREDENTIALS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic dXNlcjpwYXNz", "basic dXNlcjpwYXNz", "Digest username=x, realm=y"})
    void whatAWebServerInFrontHasAskedForIsNotLookedAt(String header) {
        assertDenied(rights.mayPublish(with(header), SW, BODY), Denial.CREDENTIALS_NEEDED);
    }

    @Test
    void aGatewayKeyIsGoodForTheBodyThatItSigned() {
        Caller signer = with(GATEWAY_KEY.authorization(BODY));

        assertThat(rights.mayPublish(signer, SW, BODY)).isInstanceOf(Granted.class);
        assertDenied(rights.mayPublish(signer, OTHER, BODY), Denial.NOT_ALLOWED);
        assertDenied(rights.mayPublish(signer, SW, "another body".getBytes(UTF_8)), Denial.INVALID_CREDENTIALS);
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, true",
        "192.0.2.255, true",
        "192.0.3.1, false",
        "2001:db8::7, true",
        "2001:db9::7, false",
        "127.0.0.1, false",
    })
    void aNetworkIsGoodForItsAddresses(String address, boolean granted) {
        assertGranted(rights.mayPublish(Accesses.from(address), SW, BODY), granted, Denial.CREDENTIALS_NEEDED);
    }

    @Test
    void anAddressThatSomebodyElseStandsBehindSaysNothing() throws IOException {
        Peer passedOn = new Peer(InetAddress.getByName("192.0.2.1"), Source.UNKNOWN, null);
        Peer passedOnHere = new Peer(InetAddress.getLoopbackAddress(), Source.UNKNOWN, null);

        assertDenied(rights.mayPublish(new Caller(passedOn, List.of(), false), SW, BODY), Denial.CREDENTIALS_NEEDED);
        assertDenied(
                rights("loopback", "everyone").mayPublish(new Caller(passedOnHere, List.of(), false), SW, BODY),
                Denial.CREDENTIALS_NEEDED);
    }

    @ParameterizedTest
    @CsvSource({"publisher.example.org, true", "somebody.example.org, false"})
    void aClientCertificateIsGoodForItsSubject(String commonName, boolean granted)
            throws CertificateException, IOException {
        Peer peer = new Peer(Accesses.stranger().peer().address(), Source.SOCKET, certificate(commonName));

        assertGranted(
                rights.mayPublish(new Caller(peer, List.of(), false), SW, BODY), granted, Denial.CREDENTIALS_NEEDED);
    }

    @ParameterizedTest
    @CsvSource({
        "everyone, granted, granted, granted",
        "loopback-or-verified, granted, if verified, if verified",
        "loopback, granted, denied, denied",
        "verified, if verified, if verified, if verified",
        "nobody, denied, denied, denied",
    })
    void withoutCredentialsTheConfigurationDecides(String anonymous, String local, String browserHere, String elsewhere)
            throws IOException {
        AccessRules configured = rights(anonymous, "everyone");
        Caller page = new Caller(Accesses.from("127.0.0.1").peer(), List.of(), true);

        assertThat(word(configured.mayPublish(Accesses.from("127.0.0.1"), SW, BODY)))
                .isEqualTo(local);
        assertThat(word(configured.mayPublish(Accesses.from("::1"), SW, BODY))).isEqualTo(local);
        assertThat(word(configured.mayPublish(page, SW, BODY))).isEqualTo(browserHere);
        assertThat(word(configured.mayPublish(Accesses.stranger(), SW, BODY))).isEqualTo(elsewhere);
    }

    @ParameterizedTest
    @CsvSource({
        "everyone, granted, granted",
        "loopback, granted, denied",
        "nobody, denied, denied",
    })
    void subscribersWithoutCredentialsToo(String anonymous, String local, String elsewhere) throws IOException {
        AccessRules configured = rights("nobody", anonymous);

        assertThat(word(configured.subscriber(Accesses.from("127.0.0.1")).check(SW)))
                .isEqualTo(local);
        assertThat(word(configured.subscriber(Accesses.stranger()).check(SW))).isEqualTo(elsewhere);
        assertThat(word(configured.subscriber(with(BEARER)).check(OTHER))).isEqualTo("granted");
        assertDenied(configured.subscriber(with("Bearer hunter2")).check(SW), Denial.INVALID_CREDENTIALS);
    }

    @Test
    void subscribersWithoutARightAreCountedByTheirNetwork() throws IOException {
        AccessRules open = rights("nobody", "everyone");
        Caller stranger = Accesses.stranger();

        assertThat(open.subscriber(stranger).isGranted(OTHER)).isFalse();
        assertThat(open.subscriber(stranger).network())
                .isEqualTo(stranger.peer().address());
        assertThat(open.subscriber(Accesses.from("2001:db8::1:2:3:4")).network())
                .isEqualTo(open.subscriber(Accesses.from("2001:db8::5:6:7:8")).network());
        assertThat(open.subscriber(with(BEARER)).isGranted(OTHER)).isTrue();
    }

    @Test
    void withoutAnyTokenOrKeyTheHeaderIsNotLookedAt() {
        AccessRules open = AccessRules.of(TestConfigs.access(AnonymousPublish.EVERYONE), Optional.empty());

        assertThat(open.mayPublish(with("Bearer hunter2"), SW, BODY)).isInstanceOf(Granted.class);
    }

    @Test
    void theLocalTokenIsGoodForEverything() throws IOException {
        Path file = folder.resolve("local.token");
        LocalToken.makeIfAbsent(file);
        AccessRules local = AccessRules.of(config("nobody", "nobody"), LocalToken.entry(file));
        Secret shown = new Secret("Bearer " + Files.readString(file).strip());
        Caller bearer = new Caller(Accesses.from("127.0.0.1").peer(), List.of(shown), false);

        assertThat(local.mayPublish(bearer, OTHER, BODY)).isInstanceOf(Granted.class);
        assertThat(word(local.subscriber(bearer).check(OTHER))).isEqualTo("granted");
        assertThat(local.mayPublish(with(BEARER), SW, BODY)).isInstanceOf(Granted.class);
    }

    /** The command line sends it to whatever listens on the loopback, which may be a tunnel to here. */
    @Test
    void theLocalTokenOfAnotherMachineIsNeitherGoodNorWrong() throws IOException {
        Path elsewhere = folder.resolve("elsewhere.token");
        LocalToken.makeIfAbsent(elsewhere);
        Caller bearer = with("Bearer " + Files.readString(elsewhere).strip());

        assertDenied(rights.mayPublish(bearer, SW, BODY), Denial.CREDENTIALS_NEEDED);
        assertThat(word(rights("verified", "everyone").mayPublish(bearer, SW, BODY)))
                .isEqualTo("if verified");
    }

    @Test
    void withNoTokenButTheLocalOneAnotherIsNotWrongEither() throws IOException {
        Path file = folder.resolve("local.token");
        LocalToken.makeIfAbsent(file);
        AccessRules open = AccessRules.of(TestConfigs.access(AnonymousPublish.EVERYONE), LocalToken.entry(file));

        assertThat(open.mayPublish(with("Bearer hunter2"), SW, BODY)).isInstanceOf(Granted.class);
    }

    @Test
    void aRefusalSaysWhichRightIsMissingAndHowToGetIt() {
        assertThat(rights.mayPublish(Accesses.stranger(), SW, BODY))
                .isInstanceOfSatisfying(
                        Denied.class,
                        denied -> assertThat(denied.detail())
                                .contains("the right to publish sw.example.org")
                                .contains("notify-proxy token --name NAME --publish sw.example.org"));
        assertThat(rights.mayPublish(with(BEARER), OTHER, BODY))
                .isInstanceOfSatisfying(
                        Denied.class,
                        denied -> assertThat(denied.detail())
                                .contains("lack the right to publish other.example.net")
                                .contains("to the publish list of their entry"));
    }

    @Test
    void twoKeysWithOneIdAreAnError() throws IOException {
        Path one = gatewayKeyFile("one.gw");
        Path two = gatewayKeyFile("two.gw");

        assertThatThrownBy(() -> read("""
                        {"access": {"gateway_keys": [{"file": "%s"}, {"file": "%s"}]}}
                        """.formatted(one, two)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("two.gw has the id of another key")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void theSignatureIsTheOneThatTheGatewayComputes() {
        // As hmac.go of the gateway and a shell do it: printf BODY | openssl dgst -sha1 -hmac SECRET, then base64 of
        // the hex digits
        GatewayKey key = GatewayKey.parse("\tplain_text  key1   Qui? \n");
        byte[] body = "Hello is it me you're looking for?".getBytes(US_ASCII);

        assertThat(key.authorization(body)).isEqualTo("key1 OGUyNzFiNGIyM2UyYzQxMjIwYzAyYjUyMWM4ODJlMjNkNTMyM2QwYw==");
        assertThat(key).asString().doesNotContain("Qui?");
    }

    @Test
    void nothingSecretIsShown() {
        assertThat(with(BEARER)).asString().doesNotContain(TOKEN.token().value());
    }

    private static Caller with(String authorization) {
        return new Caller(Accesses.stranger().peer(), List.of(new Secret(authorization)), false);
    }

    private static X509Certificate certificate(String commonName) throws CertificateException {
        String pem = SigningKeys.shared(commonName, Instant.now()).certificatePem();
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(US_ASCII)));
    }

    private static void assertGranted(Permission permission, boolean granted, Denial otherwise) {
        if (granted) {
            assertThat(permission).isInstanceOf(Granted.class);
        } else {
            assertDenied(permission, otherwise);
        }
    }

    private static void assertDenied(Permission permission, Denial reason) {
        assertThat(permission)
                .isInstanceOfSatisfying(
                        Denied.class, denied -> assertThat(denied.reason()).isEqualTo(reason));
    }

    private static String word(Permission permission) {
        return permission instanceof Granted ? "granted" : permission instanceof IfVerified ? "if verified" : "denied";
    }

    private Path gatewayKeyFile(String name) throws IOException {
        return Files.writeString(folder.resolve(name), "plain_text gateway1 s3cret\n");
    }

    private AccessRules rights(String anonymousPublish, String anonymousSubscribe) throws IOException {
        return AccessRules.of(config(anonymousPublish, anonymousSubscribe), Optional.empty());
    }

    private AccessConfig config(String anonymousPublish, String anonymousSubscribe) throws IOException {
        return access(
                """
                {"access": {
                   "anonymous_publish": "%s", "anonymous_subscribe": "%s",
                   "tokens": [{"name": "tester", "hash": "%s", "publish": "*.example.org", "subscribe": "*"}],
                   "gateway_keys": [{"file": "%s"}],
                   "certificates": [{"subject": "CN=publisher.example.org", "publish": "sw.example.org"}],
                   "networks": [{"addresses": ["192.0.2.0/24", "2001:db8::/32"], "publish": "sw.*"}]}}
                """.formatted(anonymousPublish, anonymousSubscribe, TOKEN.hash(), gatewayKeyFile("sw.example.org.gw")));
    }

    private AccessRules read(String json) throws IOException {
        return AccessRules.of(access(json), Optional.empty());
    }

    private AccessConfig access(String json) throws IOException {
        Path file = Files.writeString(folder.resolve("config.json"), json);
        return ConfigLoader.load(new ConfigSources(Optional.of(file), Map.of(), List.of()))
                .config()
                .access();
    }
}
