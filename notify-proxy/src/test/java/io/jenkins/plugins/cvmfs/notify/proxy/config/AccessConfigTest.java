package io.jenkins.plugins.cvmfs.notify.proxy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.CertificateConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.GatewayKeyConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.Grants;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.IdentityConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.NetworkConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.AccessConfig.TokenConfig;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.Assignment;
import io.jenkins.plugins.cvmfs.notify.proxy.config.ConfigLoader.ConfigSources;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RepositoryConfig.Verify;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The lists of objects. */
class AccessConfigTest {

    private static final RepositoryName SW = new RepositoryName("sw.example.org");
    private static final TokenHash HASH = TokenHash.mint().hash();

    @TempDir
    Path folder;

    @Test
    void everyKeyOfEveryListReachesTheRecords() throws IOException {
        AccessConfig access = load("""
                {"access": {
                   "tokens": [{"name": "CI of Example", "hash": "%s", "publish": ["sw.example.org", "*.test"], "subscribe": "*"}],
                   "gateway_keys": [{"file": "/etc/cvmfs/keys/sw.example.org.gw"},
                                    {"file": "/etc/gateway", "publish": "a.example.org"}],
                   "certificates": [{"subject": "CN=publisher, O=Example", "publish": "sw.example.org"},
                                    {"alternative_name": "ci.example.org", "subscribe": "*.example.org"}],
                   "networks": [{"addresses": ["192.0.2.0/24", "2001:db8::/32"], "publish": "*"}]},
                 "repositories": [{"name": "sw.example.org", "verify": "required", "master_keys": ["/k/a.pub", "/k/b"],
                                   "stratum0": "http://stratum0.example.org/cvmfs/sw.example.org", "allow_rollback": true},
                                  {"name": "*.example.org", "stratum0": "/srv/cvmfs/@fqrn@"}]}
                """.formatted(HASH));

        assertThat(access.tokens())
                .containsExactly(new TokenConfig(
                        "CI of Example", HASH, new Grants(patterns("sw.example.org", "*.test"), patterns("*"))));
        assertThat(access.gatewayKeys())
                .containsExactly(
                        new GatewayKeyConfig(
                                Path.of("/etc/cvmfs/keys/sw.example.org.gw"),
                                new Grants(patterns("sw.example.org"), List.of())),
                        new GatewayKeyConfig(
                                Path.of("/etc/gateway"), new Grants(patterns("a.example.org"), List.of())));
        assertThat(access.certificates())
                .containsExactly(
                        new CertificateConfig(
                                Optional.of(new X500Principal("CN=publisher,O=Example")),
                                Optional.empty(),
                                new Grants(patterns("sw.example.org"), List.of())),
                        new CertificateConfig(
                                Optional.empty(),
                                Optional.of("ci.example.org"),
                                new Grants(List.of(), patterns("*.example.org"))));
        assertThat(access.networks())
                .containsExactly(new NetworkConfig(
                        List.of(AddressRange.parse("192.0.2.0/24"), AddressRange.parse("2001:db8::/32")),
                        new Grants(patterns("*"), List.of())));
        assertThat(access.repositories())
                .containsExactly(
                        new RepositoryConfig(
                                new RepositoryPattern("sw.example.org"),
                                Verify.REQUIRED,
                                "http://stratum0.example.org/cvmfs/sw.example.org",
                                List.of(Path.of("/k/a.pub"), Path.of("/k/b")),
                                true,
                                Optional.empty()),
                        new RepositoryConfig(
                                new RepositoryPattern("*.example.org"),
                                Verify.IF_KEY_KNOWN,
                                "/srv/cvmfs/@fqrn@",
                                List.of(),
                                false,
                                Optional.empty()));
        assertThat(access.repositories().get(1).location(SW))
                .isEqualTo(new RepositoryLocation.Folder(Path.of("/srv/cvmfs/sw.example.org")));
    }

    @Test
    void everythingWrongInAListIsReportedWithItsOwnPlace() throws IOException {
        ConfigException thrown = failure("""
                {"access": {
                   "tokens": [
                     {"name": "a"},
                     {"name": "b",
                      "hash": "hunter2",
                      "publish": ["fine.example.org",
                                  "not fine"]},
                     7],
                   "networks": [
                     {"adresses": "192.0.2.0/24"}]},
                 "repositories": [
                   {"name": "a.example.org", "verify": "required"},
                   {"name": "*", "stratum0": "http://stratum0.example.org/cvmfs"},
                   {"name": "a", "name": "b"}]}
                """);

        assertThat(thrown.getMessage().replaceAll(" \\(file .*, line ", " (line "))
                .isEqualTo(String.join(
                        "\n",
                        "access.tokens[0]: the required key hash is missing (line 3)",
                        "access.tokens[1].hash: this is no hash of a token; 'notify-proxy token' makes one (line 5)",
                        "access.tokens[1].publish[1]: 'not fine' is not a repository's name, or one with up to 2 '*' for any"
                                + " characters (line 7)",
                        "access.tokens[2]: 7 is not an object (line 8)",
                        "access.networks[0].adresses: unknown key; did you mean addresses? (line 10)",
                        "access.networks[0]: the required key addresses is missing (line 10)",
                        "repositories[2].name: duplicate key; first in line 14 (line 14)",
                        "repositories[0]: verify is required, but the key stratum0 is missing (line 12)",
                        "repositories[1]: stratum0: 'http://stratum0.example.org/cvmfs' has no @fqrn@ for the name, but * names"
                                + " many repositories (line 13)"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                {"access": {"tokens": {}}}                                              | access.tokens: an object is not a list of objects
                {"access": {"networks": [{"addresses": "192.0.2.1/24"}]}}               | has bits set behind its prefix
                {"access": {"networks": [{"addresses": "192.0.2.0/33"}]}}               | has a prefix that is longer than the 32 bits
                {"access": {"networks": [{"addresses": "stratum0.example.org"}]}}       | is not a range of IP addresses
                {"access": {"networks": [{"addresses": "300.0.0.0/8"}]}}                | is not an IP address
                {"access": {"certificates": [{}]}}                                      | needs one of the keys subject and alternative_name
                {"access": {"certificates": [{"subject": "publisher"}]}}                | is not a name such as CN=publisher
                {"access": {"gateway_keys": [{"file": "/etc/key"}]}}                    | publish: is not given, and /etc/key is not called NAME.gw
                {"access": {"gateway_keys": [{"file": ""}]}}                            | file: is empty
                {"repositories": [{"name": "a", "stratum0": "ftp://example.org/a"}]}    | is neither an http, https or file URL nor a path
                {"repositories": [{"name": "a", "stratum0": "mount:/cvmfs/a"}]}         | is a mount, which has no manifest
                {"repositories": [{"name": "a", "poll": "1m"}]}                         | poll is given, but the key stratum0 is missing
                {"repositories": [{"name": "*", "stratum0": "/@fqrn@", "poll": "1m"}]}  | poll: * names many repositories
                {"repositories": [{"name": "a", "stratum0": "/a", "poll": "10ms"}]}     | repositories[0].poll: 10ms is not in 1s..24h
                {"repositories": [{"name": "a*b*c*"}]}                                  | with up to 2 '*'
                {"repositories": [{"name": "a", "verify": "maybe"}]}                    | repositories[0].verify: 'maybe' is not one of required
                """)
    void aFaultInAListIsNamed(String json, String expected) throws IOException {
        assertThat(failure(json).problems()).singleElement().asString().contains(expected);
    }

    @Test
    void anIdentityOfACiSystemHasItsIssuerAndConditions() throws IOException {
        IdentityConfig identity = load("""
                        {"access": {"identities": [
                           {"name": "gitlab", "issuer": "https://gitlab.example.org/", "audience": ["a", "b"],
                            "claims": {"project_path": "group/*", "ref_protected": true, "ref": ["main", "v*"]},
                            "ca_file": "/etc/ca.pem", "publish": "sw.example.org", "refresh": "*"}]}}
                        """).identities().get(0);

        assertThat(identity)
                .isEqualTo(new IdentityConfig(
                        "gitlab",
                        URI.create("https://gitlab.example.org/"),
                        List.of("a", "b"),
                        Map.of(
                                "project_path", List.of("group/*"),
                                "ref_protected", List.of("true"),
                                "ref", List.of("main", "v*")),
                        Optional.of(Path.of("/etc/ca.pem")),
                        new Grants(patterns("sw.example.org"), List.of(), List.of(), patterns("*"))));
        assertThat(identity.discovery())
                .isEqualTo(URI.create("https://gitlab.example.org/.well-known/openid-configuration"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                https://ci.example.org/oidc                 | {}                                             | have no condition
                https://ci.example.org/oidc                 | {"sub": "*"}                                   | have no condition
                https://ci.example.org/oidc                 | {"sub": []}                                    | have no condition
                https://ci.example.org/oidc                 | {"sub": ["x", "**"]}                           | have no condition
                https://ci.example.org/oidc                 | {"sub": {"a": "b"}}                            | claims.sub: an object is not text
                https://ci.example.org/oidc                 | {"sub": ""}                                    | have no condition
                https://ci.example.org/oidc                 | {"sub": "*a*b*c*d*"}                           | of which up to 4 are *
                https://ci.example.org/oidc                 | 7                                              | 7 is not an object
                http://ci.example.org/oidc                  | {"sub": "x"}                                   | is not an https URL
                https://ci.example.org/oidc?a=b             | {"sub": "x"}                                   | without a query
                https://user:pass@ci.example.org            | {"sub": "x"}                                   | is not an https URL
                http://localhost.example.org                | {"sub": "x"}                                   | is not an https URL
                ci example                                  | {"sub": "x"}                                   | 'ci example' is not a URL
                https://token.actions.githubusercontent.com | {"ref": "refs/heads/main"}                     | everyone can have a job of this issuer
                https://token.actions.githubusercontent.com | {"sub": "repo:*:ref:refs/heads/main"}          | everyone can have a job of this issuer
                https://token.actions.githubusercontent.com | {"repository": ["example/a", "*/b"]}           | everyone can have a job of this issuer
                https://gitlab.com                          | {"project_path": "example*"}                   | everyone can have a job of this issuer
                """)
    void anIdentityThatLetsInOthersIsNotConfigured(String issuer, String claims, String expected) throws IOException {
        ConfigException failure = failure("""
                {"access": {"identities": [
                   {"name": "ci", "issuer": "%s", "audience": "a", "claims": %s, "publish": "*"}]}}
                """.formatted(issuer, claims));

        assertThat(failure.problems()).singleElement().asString().contains("access.identities[0]", expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"repository\": \"example/software\", \"ref\": \"refs/heads/*\"}",
                "{\"repository\": \"example/*\"}",
                "{\"repository_owner\": \"example\"}",
                "{\"sub\": \"repo:example/software:*\"}",
            })
    void anIdentityOfAPublicIssuerNamesTheOwner(String claims) throws IOException {
        assertThat(load("""
                        {"access": {"identities": [{"name": "ci", "issuer": "https://token.actions.githubusercontent.com",
                           "audience": "a", "claims": %s, "publish": "*"}]}}
                        """.formatted(claims)).identities()).hasSize(1);
    }

    @Test
    void anIdentityWithoutAudienceOrRightsIsRefused() throws IOException {
        String entry =
                "{\"access\": {\"identities\": [{\"name\": \"ci\", \"issuer\": \"http://[::1]:8080\", \"claims\": {\"sub\": \"x\"}, %s}]}}";

        assertThat(failure(entry.formatted("\"audience\": [], \"publish\": \"*\"")))
                .hasMessageContaining("audience: is empty");
        assertThat(failure(entry.formatted("\"audience\": \"a\"")))
                .hasMessageContaining("needs one of the keys publish and refresh");
    }

    @ParameterizedTest
    @CsvSource({
        "refs/heads/main, refs/heads/main, true",
        "refs/heads/main, refs/heads/main2, false",
        "refs/*/main, refs/heads/main, true",
        "refs/*, refs/, true",
        "*main*, refs/heads/main, true",
        "ab*ba, aba, false",
        "ab*ba, abba, true",
        "a*b*c, a-b-b-c, true",
        "a*b*c, a-c-b, false",
        "repo:example/*, REPO:example/x, false",
    })
    void aPatternForAClaimMatchesTheWholeValue(String pattern, String value, boolean expected) {
        IdentityConfig identity = new IdentityConfig(
                "ci",
                URI.create("https://ci.example.org"),
                List.of("a"),
                Map.of("sub", List.of(pattern)),
                Optional.empty(),
                new Grants(patterns("*"), List.of()));

        assertThat(identity.allows("sub", List.of(value))).isEqualTo(expected);
    }

    @Test
    void aListOfObjectsCannotComeFromTheCommandLine() {
        ConfigException thrown = catchThrowableOfType(
                ConfigException.class,
                () -> ConfigLoader.load(new ConfigSources(
                        Optional.empty(), Map.of(), List.of(new Assignment("--set", "access.tokens", "x")))));

        assertThat(thrown).hasMessageContaining("access.tokens: a list of objects can be given in the file only");
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.0/24, 192.0.2.255, true",
        "192.0.2.0/24, 192.0.3.0, false",
        "192.0.2.0/24, ::ffff:192.0.2.7, true",
        "192.0.2.128/25, 192.0.2.127, false",
        "192.0.2.7, 192.0.2.7, true",
        "192.0.2.7, 192.0.2.6, false",
        "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, ::1, false",
        "2001:db8::/33, 2001:db8:7fff::1, true",
        "2001:db8::/33, 2001:db8:8000::1, false",
        "::/0, 2001:db8::1, true",
    })
    void aRangeOfAddressesContainsWhatItsPrefixSays(String range, String address, boolean expected) throws IOException {
        assertThat(AddressRange.parse(range).contains(InetAddress.getByName(address)))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "sw.example.org, sw.example.org, true",
        "sw.example.org, sw.example.org.evil.net, false",
        "sw.example.org, swXexample.org, false",
        "*.example.org, sw.example.org, true",
        "*.example.org, a.b.example.org, true",
        "*.example.org, example.org, false",
        "*.example.org, swXexample.org, false",
        "sw*.example.*, sw2.example.net, true",
        "*, anything, true",
    })
    void aPatternMatchesWholeNames(String pattern, String name, boolean expected) {
        assertThat(new RepositoryPattern(pattern).matches(new RepositoryName(name)))
                .isEqualTo(expected);
    }

    @Test
    void aTokenIsKnownByItsHashAndNoOtherIs() {
        TokenHash.Minted one = TokenHash.mint();
        TokenHash.Minted other = TokenHash.mint();
        String token = one.token().value();
        TokenHash read = TokenHash.parse(one.hash().toString());

        assertThat(read.isOf(token)).isTrue();
        assertThat(read.isOf(other.token().value())).isFalse();
        assertThat(read.isOf(token.substring(0, token.length() - 1))).isFalse();
        assertThat(read.isOf("")).isFalse();
        assertThat(TokenHash.idIn(token)).hasValue(read.id());
        assertThat(TokenHash.idIn("hunter2")).isEmpty();
        assertThat(read.toString()).doesNotContain(token.split("_", 3)[2]);
    }

    private static List<RepositoryPattern> patterns(String... texts) {
        return List.of(texts).stream().map(RepositoryPattern::new).toList();
    }

    private AccessConfig load(String json) throws IOException {
        return ConfigLoader.load(sources(json)).config().access();
    }

    private ConfigException failure(String json) throws IOException {
        ConfigSources sources = sources(json);
        ConfigException thrown = catchThrowableOfType(ConfigException.class, () -> ConfigLoader.load(sources));
        assertThat(thrown).as("a configuration that must be refused").isNotNull();
        return thrown;
    }

    private ConfigSources sources(String json) throws IOException {
        return new ConfigSources(
                Optional.of(Files.writeString(folder.resolve("config.json"), json)), Map.of(), List.of());
    }
}
