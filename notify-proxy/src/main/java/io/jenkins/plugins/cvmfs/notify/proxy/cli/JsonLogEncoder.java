package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.slf4j.event.KeyValuePair;

/**
 * One line of JSON for each event, docs/operations.md has the fields. Logback's own encoder nests the key-value pairs in a list of objects,
 * which log stores cannot search.
 */
final class JsonLogEncoder extends EncoderBase<ILoggingEvent> {

    private static final JsonMapper MAPPER = new JsonMapper();
    private static final byte[] NOTHING = {};

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        ObjectNode line = MAPPER.createObjectNode()
                .put("time", event.getInstant().toString())
                .put("level", event.getLevel().toString())
                .put("logger", event.getLoggerName())
                .put("thread", event.getThreadName())
                .put("message", event.getFormattedMessage());
        List<KeyValuePair> pairs = Optional.ofNullable(event.getKeyValuePairs()).orElse(List.of());
        if (!pairs.isEmpty()) {
            ObjectNode data = line.putObject("data");
            pairs.forEach(pair -> put(data, pair));
        }
        if (event.getThrowableProxy() != null) {
            line.put("exception", ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        return text(line);
    }

    private static void put(ObjectNode data, KeyValuePair pair) {
        if (pair.value instanceof Integer || pair.value instanceof Long) {
            data.put(pair.key, ((Number) pair.value).longValue());
        } else if (pair.value instanceof Boolean is) {
            data.put(pair.key, is);
        } else {
            data.put(pair.key, String.valueOf(pair.value));
        }
    }

    private static byte[] text(ObjectNode line) {
        try {
            return (MAPPER.writeValueAsString(line) + "\n").getBytes(UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON nodes can always be written", e);
        }
    }
}
