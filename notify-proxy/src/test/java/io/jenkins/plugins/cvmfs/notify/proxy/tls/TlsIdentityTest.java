package io.jenkins.plugins.cvmfs.notify.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.KeyPairFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyPair;
import java.security.PrivateKey;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms in which OpenSSL, ACME clients and certificate authorities hand out keys. */
class TlsIdentityTest {

    private static final String OPENSSL_EC_KEY =
            "MHcCAQEEILfivlO8f+k0i9mOhmTgZntcbu+c+EIt+RWj8x9Ayz4foAoGCCqGSM49AwEHoUQDQgAE5cJn"
                    + "lx7gtDvK7gjp2Ag4UMqJe36zFi2W8Xh0au/rxRqStrQniHy7tVzaiXWFYhkXPMReSG9Xp06QEs85UySWjA==";

    @TempDir
    Path folder;

    @Test
    void rsaKeysAreReadInPkcs8AndPkcs1() throws IOException {
        KeyPair keys = TestAuthority.rsaKeys();
        byte[] pkcs8 = keys.getPrivate().getEncoded();
        byte[] pkcs1 = PrivateKeyInfo.getInstance(pkcs8)
                .parsePrivateKey()
                .toASN1Primitive()
                .getEncoded();

        assertThat(read("PRIVATE KEY", pkcs8)).isEqualTo(keys.getPrivate());
        assertThat(read("RSA PRIVATE KEY", pkcs1)).isEqualTo(keys.getPrivate());
    }

    @Test
    void ecKeysAreReadInPkcs8AndInTheFormOfOpenSsl() throws IOException {
        // Made by: openssl ecparam -name prime256v1 -genkey, which writes two blocks
        Path file = Files.writeString(folder.resolve("ec.key"), """
                -----BEGIN EC PARAMETERS-----
                BggqhkjOPQMBBw==
                -----END EC PARAMETERS-----
                -----BEGIN EC PRIVATE KEY-----
                %s
                -----END EC PRIVATE KEY-----
                """.formatted(OPENSSL_EC_KEY));
        KeyPair keys = TestAuthority.ecKeys();

        assertThat(TlsIdentity.privateKey(file).getAlgorithm()).isEqualTo("EC");
        assertThat(read("PRIVATE KEY", keys.getPrivate().getEncoded())).isEqualTo(keys.getPrivate());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ENCRYPTED PRIVATE KEY | AAAA | is encrypted; only unencrypted keys can be used. To decrypt it: openssl pkey -in
                    OPENSSH PRIVATE KEY   | AAAA | only RSA and EC keys of OpenSSL and PKCS#8 are read
                    PRIVATE KEY           | AAAA | cannot be read
                    RSA PRIVATE KEY       | AAAA | cannot be read
                    PRIVATE KEY           | AAA= AAA | is not base64
                    CERTIFICATE           | AAAA | must hold one private key, it holds 0
                    """)
    void whatIsNoUsableKeyIsNamed(String label, String content, String expected) throws IOException {
        Path file = Files.writeString(
                folder.resolve("bad.key"),
                "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(label, content));

        assertThatThrownBy(() -> TlsIdentity.privateKey(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("bad.key")
                .hasMessageContaining(expected);
    }

    @Test
    void aKeyThatOpenSslEncryptedItsOldWayIsNamedAsSuch() throws IOException {
        Path file = Files.writeString(folder.resolve("old.key"), """
                -----BEGIN RSA PRIVATE KEY-----
                Proc-Type: 4,ENCRYPTED
                DEK-Info: AES-256-CBC,0123456789ABCDEF0123456789ABCDEF

                AAAA
                -----END RSA PRIVATE KEY-----
                """);

        assertThatThrownBy(() -> TlsIdentity.privateKey(file))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("old.key is encrypted");
    }

    @ParameterizedTest
    @ValueSource(strings = {"# Proc-Type: 4,ENCRYPTED until 2019", """
                -----BEGIN RSA PRIVATE KEY-----
                Proc-Type: 4,ENCRYPTED
                DEK-Info: AES-256-CBC,0123456789ABCDEF0123456789ABCDEF

                AAAA
                -----END RSA PRIVATE KEY-----"""})
    void theOnlyPlainKeyIsReadWhateverElseTheFileSaysOfEncryption(String other) throws IOException {
        String plain = "-----BEGIN EC PRIVATE KEY-----\n%s\n-----END EC PRIVATE KEY-----\n".formatted(OPENSSL_EC_KEY);
        Path before = Files.writeString(folder.resolve("before.key"), other + "\n" + plain);
        Path after = Files.writeString(folder.resolve("after.key"), plain + other + "\n");

        assertThat(TlsIdentity.privateKey(before).getAlgorithm()).isEqualTo("EC");
        assertThat(TlsIdentity.privateKey(after)).isEqualTo(TlsIdentity.privateKey(before));
    }

    @Test
    void certificatesInTheWrongOrderAreNamed() throws IOException {
        TestAuthority authority = new TestAuthority("authority");
        authority.issue("localhost").write(folder, "server");
        Path chain = authority.writeTo(folder.resolve("chain.pem"));
        Files.writeString(chain, Files.readString(folder.resolve("server.pem")), StandardOpenOption.APPEND);

        assertThatThrownBy(() -> TlsIdentity.read(new KeyPairFiles(chain, folder.resolve("server.key"))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("server.key")
                .hasMessageContaining("chain.pem but of number 2, which must come first");
    }

    @Test
    void aMissingFileIsNamed() {
        Path missing = folder.resolve("missing.key");

        assertThatThrownBy(() -> TlsIdentity.privateKey(missing)).hasMessage("there is no file " + missing);
    }

    @Test
    void aKeyThatIsNotTheCertificatesIsRefused() {
        TestAuthority authority = new TestAuthority("authority");
        authority.issue("localhost").write(folder, "one");
        authority.issue("localhost", TestAuthority.rsaKeys()).write(folder, "two");

        assertThatThrownBy(
                        () -> TlsIdentity.read(new KeyPairFiles(folder.resolve("one.pem"), folder.resolve("two.key"))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("is not that of the first certificate");
    }

    private PrivateKey read(String label, byte[] content) {
        return TlsIdentity.privateKey(TestAuthority.write(folder.resolve("some.key"), label, content));
    }
}
