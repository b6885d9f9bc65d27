package io.jenkins.plugins.cvmfs.notify.client.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.MessageFormatException.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Reads one small JSON object from untrusted bytes, with limits on length, depth and digits. */
final class MessageJson {

    private static final int MAX_DEPTH = 16;
    private static final int MAX_NUMBER_DIGITS = 40;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxNumberLength(MAX_NUMBER_DIGITS)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private MessageJson() {}

    /** Returns the JSON object in these bytes, which must be valid UTF-8 and hold nothing else. */
    static JsonNode object(byte[] bytes, int maxBytes) {
        if (bytes.length > maxBytes) {
            throw new MessageFormatException(
                    Fault.TOO_LARGE, "message has %d bytes, allowed are %d".formatted(bytes.length, maxBytes));
        }
        JsonNode node = tree(bytes);
        if (!node.isObject()) {
            throw new MessageFormatException(Fault.WRONG_SHAPE, "message is JSON, but not an object");
        }
        return node;
    }

    /** Returns what the reader makes of an answer; empty if it returns null, or this is not a JSON object as it needs it. */
    static <T> Optional<T> answer(byte[] bytes, int maxBytes, Function<JsonNode, @Nullable T> reader) {
        try {
            return Optional.ofNullable(reader.apply(object(bytes, maxBytes)));
        } catch (MessageFormatException other) {
            return Optional.empty();
        }
    }

    private static JsonNode tree(byte[] bytes) {
        try (JsonParser parser = MAPPER.createParser(utf8(bytes))) {
            JsonNode node = MAPPER.readTree(parser);
            if (node == null || node.isMissingNode()) {
                throw new MessageFormatException(Fault.NOT_JSON, "message is empty");
            }
            return node;
        } catch (IOException e) {
            throw new MessageFormatException(Fault.NOT_JSON, "message is not valid JSON: " + Excerpt.of(firstLine(e)));
        }
    }

    /** Decodes strictly, without replacement characters: what is forwarded must be what was read. */
    private static String utf8(byte[] bytes) {
        String lenient = new String(bytes, UTF_8);
        if (lenient.indexOf('\uFFFD') < 0) {
            // Much faster than a strict decoder, and exact because nothing was replaced.
            return lenient;
        }
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new MessageFormatException(Fault.NOT_JSON, "message is not valid UTF-8");
        }
    }

    private static String firstLine(IOException e) {
        String message = String.valueOf(e.getMessage());
        return message.lines().findFirst().orElse(message);
    }

    static String text(JsonNode object, String field) {
        JsonNode value = object.get(field);
        if (value == null || !value.isTextual()) {
            throw wrong(field, value == null ? "is missing" : "must be text");
        }
        return value.textValue();
    }

    /** Returns the first texts of an array. */
    static Stream<String> texts(JsonNode array, int most) {
        return StreamSupport.stream(array.spliterator(), false).limit(most).map(JsonNode::asText);
    }

    static RepositoryName repository(JsonNode object) {
        try {
            return new RepositoryName(text(object, "repository"));
        } catch (MessageFormatException e) {
            throw e;
        } catch (InvalidInputException e) {
            throw wrong("repository", e.getMessage());
        }
    }

    static void requireVersion(JsonNode object) {
        JsonNode version = object.get("version");
        if (version == null || !version.canConvertToInt() || !version.isIntegralNumber()) {
            throw wrong("version", version == null ? "is missing" : "must be a whole number of 32 bits");
        }
    }

    static MessageFormatException wrong(String field, String problem) {
        return new MessageFormatException(Fault.WRONG_SHAPE, "field '%s': %s".formatted(field, problem));
    }
}
