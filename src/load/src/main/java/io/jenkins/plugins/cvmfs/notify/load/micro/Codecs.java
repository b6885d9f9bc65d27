package io.jenkins.plugins.cvmfs.notify.load.micro;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Manifest;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.message.SubscribeMessage;
import io.jenkins.plugins.cvmfs.notify.load.wire.Numbered;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From bytes to what they mean. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class Codecs {

    private final ObjectMapper json = new ObjectMapper();
    private final byte[] message = new Numbered(1, 1025).message(1, 42);
    private final byte[] manifest = ActivityMessage.parse(message).manifestBytes();
    private final byte[] subscription = "{\"version\":1,\"repository\":\"atlas.cern.ch\"}".getBytes(US_ASCII);

    @Benchmark
    public ActivityMessage activityMessage() {
        return ActivityMessage.parse(message);
    }

    /** Its JSON alone, as a tree; the rest is base64 and the manifest. */
    @Benchmark
    public Object messageAsTree() throws IOException {
        return json.readTree(message);
    }

    /** Its JSON alone, field by field: what a streaming reader would cost. */
    @Benchmark
    public int messageStreamed() throws IOException {
        int length = 0;
        try (JsonParser parser = json.createParser(message)) {
            while (parser.nextToken() != null) {
                if (parser.currentToken() == JsonToken.VALUE_STRING) {
                    length += parser.getText().length();
                }
            }
        }
        return length;
    }

    @Benchmark
    public Manifest manifest() {
        return Manifest.parse(manifest);
    }

    @Benchmark
    public SubscribeMessage subscription() {
        return SubscribeMessage.parse(subscription);
    }
}
