package io.jenkins.plugins.cvmfs.notify.client.trust;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.Mutations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MasterKeysTest {

    private static final String ONE = StoredRepository.KEYS.masterKeyPem();
    private static final String OTHER = StoredRepository.OTHER_KEYS.masterKeyPem();

    @TempDir
    private Path folder;

    @Test
    void oneTextMayHoldSeveralKeysWithRemarksBetweenThem() {
        assertThat(MasterKeys.parse(ONE).count()).isEqualTo(1);
        assertThat(MasterKeys.parse("first:\n" + ONE + "\nsecond -- :\n" + OTHER.replace("\n", "\r\n"))
                        .count())
                .isEqualTo(2);
    }

    @Test
    void keysAreReadFromFilesAndFromTheFilesOfAFolder() throws Exception {
        Path single = Files.writeString(folder.resolve("single.key"), ONE + OTHER);
        Path keys = Files.createDirectory(folder.resolve("keys"));
        Files.writeString(keys.resolve("b.pub"), OTHER);
        Files.writeString(keys.resolve("a.pub"), ONE);
        Files.writeString(keys.resolve("readme"), "no key");

        assertThat(MasterKeys.read(List.of(single, keys)).count()).isEqualTo(4);
    }

    @Test
    void aFileThatCannotBeReadIsNamed() {
        Path missing = folder.resolve("missing.pub");

        assertThatThrownBy(() -> MasterKeys.read(List.of(missing)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("cannot read " + missing + ": no such file or folder");
    }

    @Test
    void aFolderWithoutKeysAndNoPathAtAllAreRefused() {
        assertThatThrownBy(() -> MasterKeys.read(List.of(folder)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("no master key (*.pub) in [%s]", folder);
        assertThatThrownBy(() -> MasterKeys.read(List.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("no master key (*.pub) in []");
    }

    @Test
    void aFileWithoutKeyIsNamed() throws Exception {
        Path file = Files.writeString(folder.resolve("a.pub"), "hello");

        assertThatThrownBy(() -> MasterKeys.read(List.of(file)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("no '-----BEGIN PUBLIC KEY-----' in " + file);
    }

    @Test
    void aFileThatIsTooLongIsNotReadToItsEnd() throws Exception {
        Path file = Files.write(folder.resolve("a.pub"), new byte[TrustFile.MAX_BYTES + 1]);

        assertThatThrownBy(() -> MasterKeys.read(List.of(file)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("%s is longer than 1048576 bytes", file);
    }

    @Test
    void aSmallKeyIsRefusedWithItsSize() throws Exception {
        assertThatThrownBy(() -> MasterKeys.parse(
                        ONE + pem("PUBLIC KEY", keys("RSA", 1024).getPublic().getEncoded())))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("key 2 in text has 1024 bits, needed are 2048");
    }

    @Test
    void aKeyThatIsNotRsaIsRefused() throws Exception {
        assertThatThrownBy(() -> MasterKeys.parse(
                        pem("PUBLIC KEY", keys("EC", 256).getPublic().getEncoded())))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("key 1 in text is not a public RSA key");
    }

    @Test
    void aPrivateKeyIsRefusedAndNotShown() throws Exception {
        String pem = pem("PRIVATE KEY", keys("RSA", 1024).getPrivate().getEncoded());

        assertThatThrownBy(() -> MasterKeys.parse(pem))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("key 1 in text is a PRIVATE KEY, expected a PUBLIC KEY");
    }

    @Test
    void aBlockThatIsNoBase64OrNoKeyIsRefused() {
        for (String content : List.of("", "*", "AAA", "AAAA", "AAAA=AAAA")) {
            assertThatThrownBy(() ->
                            MasterKeys.parse("-----BEGIN PUBLIC KEY-----\n" + content + "\n-----END PUBLIC KEY-----"))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessage("key 1 in text is not a public RSA key");
        }
    }

    @Test
    void damagedKeysAreReadOrRefused() {
        int read = 0;
        for (byte[] damaged : Mutations.of(ONE.getBytes(US_ASCII), 5_000, 6)) {
            try {
                assertThat(MasterKeys.parse(new String(damaged, US_ASCII)).count())
                        .isPositive();
                read++;
            } catch (InvalidInputException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
        assertThat(read).as("both outcomes occur").isBetween(10, Mutations.times(4_900));
    }

    private static KeyPair keys(String algorithm, int bits) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(bits);
        return generator.generateKeyPair();
    }

    private static String pem(String type, byte[] der) {
        return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
                .formatted(type, Base64.getMimeEncoder().encodeToString(der));
    }
}
