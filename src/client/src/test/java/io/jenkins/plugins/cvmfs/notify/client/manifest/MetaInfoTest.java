package io.jenkins.plugins.cvmfs.notify.client.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MetaInfoTest {

    private static byte[] stored(String json) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (DeflaterOutputStream zlib = new DeflaterOutputStream(compressed)) {
            zlib.write(json.getBytes(UTF_8));
        }
        return compressed.toByteArray();
    }

    private static MetaInfo parse(byte[] stored) {
        return MetaInfo.parse(stored, ContentHash.of(HashAlgorithm.SHA1, stored));
    }

    @Test
    void theDescriptionAndTheRecommendedReplicasAreRead() throws IOException {
        // When
        MetaInfo info = parse(stored("""
                {"administrator": "A", "description": "Software of the experiment",
                 "recommended-stratum0": "http://s0.example.org/cvmfs/sw.example.org",
                 "recommended-stratum1s": ["http://s1.example.org/cvmfs/sw.example.org", 7]}
                """));

        // Then
        assertThat(info.description()).isEqualTo("Software of the experiment");
        assertThat(info.stratum1s()).containsExactly("http://s1.example.org/cvmfs/sw.example.org");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"recommended-stratum1s\": {}, \"description\": []}"})
    void whatIsNotSaidIsEmpty(String json) throws IOException {
        assertThat(parse(stored(json))).isEqualTo(new MetaInfo("", List.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{", "null"})
    void whatIsNoJsonObjectIsRefused(String json) throws IOException {
        byte[] stored = stored(json);

        assertThatThrownBy(() -> parse(stored))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("JSON");
    }

    @Test
    void anObjectThatGrowsBeyondTheLimitIsRefused() throws IOException {
        byte[] stored = stored("{\"description\": \"" + "x".repeat(MetaInfo.MAX_BYTES) + "\"}");

        assertThatThrownBy(() -> parse(stored)).hasMessageContaining("at most 65536 bytes");
    }

    @Test
    void anObjectWithAnotherHashIsRefused() throws IOException {
        // Given
        byte[] stored = stored("{}");
        ContentHash other = ContentHash.of(HashAlgorithm.SHA1, new byte[0]);

        // When, Then
        assertThatThrownBy(() -> MetaInfo.parse(stored, other)).hasMessageContaining(other.toString());
        assertThatThrownBy(() -> parse("{}".getBytes(UTF_8))).hasMessageContaining("not compressed");
    }
}
