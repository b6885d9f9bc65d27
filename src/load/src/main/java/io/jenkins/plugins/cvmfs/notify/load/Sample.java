package io.jenkins.plugins.cvmfs.notify.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One server measured once.
 *
 * @param scenario what was measured
 * @param server which server
 * @param durability what became of a message before its publish was answered
 * @param kind the kind of subscribers
 * @param size how many of them, or of whatever else the scenario counts
 * @param repetition the same for all servers that were measured one after the other
 * @param conditions processor, kernel, JVM and its flags, load of the machine
 * @param values numbers by name; a name ends in its unit
 * @param problem why it does not count; empty if it does
 */
public record Sample(
        String scenario,
        String server,
        String durability,
        String kind,
        int size,
        String repetition,
        Map<String, String> conditions,
        Map<String, Double> values,
        String problem) {

    public boolean counts() {
        return problem.isEmpty();
    }

    /** The same, not to be counted. */
    public Sample discarded(String why) {
        return new Sample(scenario, server, durability, kind, size, repetition, conditions, values, why);
    }

    /** Samples, one JSON object a line, oldest first. A later run appends, so that repetitions can be taken when the machine is quiet. */
    public static final class Log {

        private final Path file;
        private final ObjectMapper json = new ObjectMapper();

        public Log(Path file) {
            this.file = file;
        }

        /** All samples; none if there is no file yet. */
        public List<Sample> read() throws IOException {
            List<Sample> samples = new ArrayList<>();
            if (Files.exists(file)) {
                for (String line : Files.readAllLines(file, UTF_8)) {
                    samples.add(json.readValue(line, Sample.class));
                }
            }
            return samples;
        }

        public void append(List<Sample> samples) throws IOException {
            StringBuilder lines = new StringBuilder();
            for (Sample sample : samples) {
                lines.append(json.writeValueAsString(sample)).append('\n');
            }
            Files.writeString(file, lines, UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }
}
