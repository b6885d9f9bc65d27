package io.jenkins.plugins.cvmfs.notify.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.HashAlgorithm;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.manifest.SignedText;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException;
import io.jenkins.plugins.cvmfs.notify.client.message.ServerReply;
import io.jenkins.plugins.cvmfs.notify.client.message.SubscribeMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The samples in docs/protocol.md are what this library reads and writes. */
class DocumentedProtocolTest {

    private static final Pattern BLOCK = Pattern.compile("(?ms)^ *```[a-z]*\n(.*?)\n *```$");

    private static List<String> samples;
    private static String document;

    @BeforeAll
    static void readTheDocument() throws IOException {
        document = Files.readString(Path.of(System.getProperty("basedir", "."), "../../docs/protocol.md"));
        samples = BLOCK.matcher(document)
                .results()
                .map(block -> block.group(1).stripIndent())
                .toList();
    }

    @Test
    void theActivityMessageIsWhatIsWritten() {
        ActivityMessage sample = ActivityMessage.parse(bytes(sampleWith("\"activity\"")));

        ActivityMessage written =
                ActivityMessage.announce(sample.manifestBytes(), Instant.parse("2026-11-23T21:13:15Z"));

        assertThat(written.raw()).isEqualTo(sample.raw());
    }

    @Test
    void theManifestIsThatOfTheMessageAndItsHashIsRight() {
        SignedText manifest = SignedText.parse(bytes(sampleWith("C3c4a")));

        assertThat(manifest.text())
                .isEqualTo(
                        ActivityMessage.parse(bytes(sampleWith("\"activity\""))).manifestBytes());
        assertThat(Manifest.parse(manifest).toText()).isEqualTo(new String(manifest.text(), UTF_8));
        assertThat(manifest.hashLine())
                .hasValue(ContentHash.of(HashAlgorithm.SHA1, manifest.text()).toString());
    }

    @Test
    void theSubscriptionIsWhatIsWrittenAndAsLongAsItsRequestSays() {
        byte[] subscription = bytes(sampleWith("{\"version\":1,"));

        assertThat(SubscribeMessage.parse(subscription).toBytes()).isEqualTo(subscription);
        String request = sampleWith("GET /api/v1/notifications/subscribe");
        assertThat(request)
                .endsWith("Content-Length: " + subscription.length + "\n\n" + new String(subscription, UTF_8));
    }

    @Test
    void theFixedRepliesAreDocumented() {
        assertThat(document)
                .contains('`' + ServerReply.PUBLISHED + '`', '`' + ServerReply.INVALID_MESSAGE + '`')
                .contains(ServerReply.NOT_JSON + '\n', ServerReply.INVALID_SUBSCRIPTION + '\n');
    }

    @Test
    void theExplanationThatIsQuotedIsGiven() {
        String manifest = ActivityMessage.parse(bytes(sampleWith("\"activity\"")))
                .manifest()
                .toText();
        MessageFormatException e = catchThrowableOfType(
                MessageFormatException.class,
                () -> ActivityMessage.announce(bytes(manifest.replace("S42", "Sx")), Instant.EPOCH));

        assertThat(document).contains('`' + e.getMessage() + '`');
    }

    private static String sampleWith(String text) {
        return samples.stream()
                .filter(sample -> sample.contains(text))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no sample with " + text));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
