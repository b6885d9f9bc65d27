package io.jenkins.plugins.cvmfs.notify.client.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.InflaterInputStream;

/**
 * The description that a repository's owner gives of it: the JSON object that the manifest's M line names ({@code cvmfs_server
 * update-repoinfo}). Immutable.
 *
 * @param description free text; empty if there is none
 * @param stratum1s the URLs of the replicas that the owner recommends
 */
public record MetaInfo(String description, List<String> stratum1s) {

    /** The longest object, stored and decompressed, in bytes. */
    public static final int MAX_BYTES = 64 * 1024;

    private static final JsonMapper JSON = new JsonMapper();

    /** Copies the list. */
    public MetaInfo {
        stratum1s = List.copyOf(stratum1s);
    }

    /**
     * Reads the object as it is stored. Fields of another type than expected are ignored.
     *
     * @param hash of the stored bytes, from the manifest
     * @throws InvalidInputException if the bytes have another hash, or are not a compressed JSON object of at most {@value #MAX_BYTES} bytes
     */
    public static MetaInfo parse(byte[] stored, ContentHash hash) {
        if (!ContentHash.of(hash.algorithm(), stored).equals(hash)) {
            throw new InvalidInputException("the meta information does not have the hash %s".formatted(hash));
        }
        try (InflaterInputStream zlib = new InflaterInputStream(new ByteArrayInputStream(stored))) {
            byte[] content = zlib.readNBytes(MAX_BYTES + 1);
            JsonNode json = content.length > MAX_BYTES ? null : JSON.readTree(content);
            if (json != null && json.isObject()) {
                List<String> stratum1s = new ArrayList<>();
                for (JsonNode url : json.path("recommended-stratum1s")) {
                    if (url.isTextual()) {
                        stratum1s.add(url.textValue());
                    }
                }
                return new MetaInfo(json.path("description").asText(""), stratum1s);
            }
        } catch (IOException e) {
            throw new InvalidInputException("the meta information is not compressed JSON", e);
        }
        throw new InvalidInputException(
                "the meta information is not a JSON object of at most %d bytes".formatted(MAX_BYTES));
    }
}
