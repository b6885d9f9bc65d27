package io.jenkins.plugins.cvmfs.notify.load.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Samples, one JSON object a line, oldest first. A later run appends, so that repetitions can be taken when the machine is quiet. */
public final class SampleFile {

    private final Path file;
    private final ObjectMapper json = new ObjectMapper();

    public SampleFile(Path file) {
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
