package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jenkins.plugins.cvmfs.notify.proxy.tls.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client of TLS 1.2 that asks for handshake after handshake on one connection costs the server far more than itself: openssl does so. */
class RenegotiationIT {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"jdk", "auto"})
    void aClientThatRenegotiatesIsDisconnected(String engine) throws IOException, InterruptedException {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":")).anyMatch(p -> Files.isExecutable(Path.of(p, "openssl"))),
                "needs openssl");
        new TestAuthority("Test authority").issue("localhost").write(folder, "server");
        Path out = folder.resolve("openssl.txt");
        try (JarProcess proxy = JarProcess.serve(
                folder,
                "--set",
                "tls.cert_file=" + folder.resolve("server.pem"),
                "--set",
                "tls.key_file=" + folder.resolve("server.key"),
                "--set",
                "tls.engine=" + engine)) {
            Process openssl = new ProcessBuilder(
                            "openssl",
                            "s_client",
                            "-tls1_2",
                            "-legacy_renegotiation",
                            "-connect",
                            "127.0.0.1:" + proxy.uri().getPort())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            try {
                Awaitility.await()
                        .atMost(LIMIT)
                        .until(() -> Files.readString(out).contains("Verify return code"));
                openssl.getOutputStream().write("R\n".getBytes(US_ASCII));
                openssl.getOutputStream().flush();

                assertThat(openssl.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
                        .as(Files.readString(out))
                        .isTrue();
                assertThat(Files.readString(out)).contains("RENEGOTIATING").doesNotContain("HTTP/1.1");
                assertThat(openssl.exitValue()).as(Files.readString(out)).isNotZero();
            } finally {
                openssl.destroyForcibly();
            }
        }
    }
}
