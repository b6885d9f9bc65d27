package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.sample.SampleRepository;
import io.jenkins.plugins.cvmfs.notify.proxy.config.TokenHash;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.TestAuthority;
import io.jenkins.plugins.cvmfs.notify.proxy.tls.TlsIdentity;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code systemctl reload} is for: keys, tokens and certificates that have changed count, and nobody is sent away. */
class ReloadIT {

    private static final RepositoryName NAME = new RepositoryName("sw.example.org");
    private static final String RELOADED = "reloaded the configuration";

    @TempDir
    Path folder;

    private final TestAuthority authority = new TestAuthority("Test authority");
    private final TokenHash.Minted first = TokenHash.mint();
    private SampleRepository repository;

    @BeforeEach
    void writeFiles() throws IOException {
        authority.writeTo(folder.resolve("ca.pem"));
        authority.issue("localhost").write(folder, "server");
        repository = SampleRepository.create(folder.resolve("stratum0"), NAME, HashAlgorithm.SHA1, Clock.systemUTC());
        Files.writeString(folder.resolve("master.pub"), repository.masterKeyPem());
        configure(first);
    }

    private void configure(TokenHash.Minted token) throws IOException {
        Files.writeString(folder.resolve("config.json"), """
                {"standalone": true,
                 "tls": {"cert_file": "%1$s/server.pem", "key_file": "%1$s/server.key", "reload_interval": "24h"},
                 "access": {"anonymous_publish": "verified", "tokens": [{"name": "t", "hash": "%2$s", "publish": "*"}]},
                 "repositories": [
                     {"name": "sw.example.org", "verify": "required", "stratum0": "%1$s/stratum0", "master_keys": "%1$s/master.pub"},
                     {"name": "*", "verify": "off"}]}
                """.formatted(folder, token.hash()));
    }

    private JarProcess serve() throws IOException {
        return JarProcess.serve(
                folder, "--config", folder.resolve("config.json").toString());
    }

    @Test
    void aNewCertificateCountsForTheNextConnection() throws IOException, InterruptedException, CertificateException {
        try (JarProcess proxy = serve()) {
            Certificate before = certificate(proxy);
            TestAuthority.Issued next = authority.issue("localhost").write(folder, "server");

            proxy.hangUp();

            proxy.awaitErr(RELOADED);
            assertThat(certificate(proxy).getEncoded())
                    .isEqualTo(next.certificate())
                    .isNotEqualTo(before.getEncoded());
        }
    }

    @Test
    void aNewTokenCountsAndAnOldOneNoLonger() throws IOException, InterruptedException {
        TokenHash.Minted second = TokenHash.mint();
        byte[] unsigned = Announcements.of("other.example.org", 1).raw();
        try (JarProcess proxy = serve()) {
            assertThat(publish(proxy, unsigned, first)).isEqualTo(200);
            assertThat(publish(proxy, unsigned, second)).isEqualTo(401);
            configure(second);

            proxy.hangUp();

            proxy.awaitErr(RELOADED);
            assertThat(publish(proxy, unsigned, first)).isEqualTo(401);
            assertThat(publish(proxy, unsigned, second)).isEqualTo(200);
        }
    }

    @Test
    void aNewMasterKeyIsTrusted() throws IOException, InterruptedException {
        byte[] signed = ActivityMessage.announce(
                        Files.readAllBytes(repository.folder().resolve(".cvmfspublished")), Instant.now())
                .raw();
        Path key = folder.resolve("master.pub");
        String right = Files.readString(key);
        TestAuthority.write(
                key, "PUBLIC KEY", TestAuthority.rsaKeys().getPublic().getEncoded());
        try (JarProcess proxy = serve()) {
            assertThat(publish(proxy, signed, null)).isEqualTo(403);
            Files.writeString(key, right);

            proxy.hangUp();

            proxy.awaitErr(RELOADED);
            assertThat(publish(proxy, signed, null)).isEqualTo(200);
        }
    }

    private int publish(JarProcess proxy, byte[] message, TokenHash.@Nullable Minted token)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                request(proxy, "/api/v1/publish").POST(HttpRequest.BodyPublishers.ofByteArray(message));
        if (token != null) {
            request.header("Authorization", "Bearer " + token.token().value());
        }
        return send(request).statusCode();
    }

    private Certificate certificate(JarProcess proxy)
            throws IOException, InterruptedException, SSLPeerUnverifiedException {
        return send(request(proxy, "/readyz")).sslSession().orElseThrow().getPeerCertificates()[0];
    }

    private static HttpRequest.Builder request(JarProcess proxy, String path) {
        return HttpRequest.newBuilder(
                URI.create("https://localhost:%d%s".formatted(proxy.uri().getPort(), path)));
    }

    /** Each time by a client of its own, which opens a connection of its own. */
    private HttpResponse<Void> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return HttpClient.newBuilder()
                .sslContext(TlsIdentity.clientContext(Optional.of(folder.resolve("ca.pem")), Optional.empty()))
                .build()
                .send(request.build(), BodyHandlers.discarding());
    }
}
