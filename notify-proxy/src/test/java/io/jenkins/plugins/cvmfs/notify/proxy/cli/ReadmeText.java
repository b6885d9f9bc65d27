package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The project's README, by its sections; what stands in blocks marked {@code sh} is meant to be typed. */
record ReadmeText(String text) {

    private static final Pattern BLOCK = Pattern.compile("^```sh\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);

    static ReadmeText read() throws IOException {
        return new ReadmeText(Files.readString(Path.of("..", "README.md")));
    }

    /** From a heading to the next of its level. */
    ReadmeText section(String heading) {
        int start = text.indexOf("\n## " + heading + "\n");
        assertThat(start).as("README has a section '%s'", heading).isNotNegative();
        int end = text.indexOf("\n## ", start + 1);
        return new ReadmeText(text.substring(start, end < 0 ? text.length() : end));
    }

    /** Everything that is meant to be typed, in the order in which it stands. */
    String commands() {
        return BLOCK.matcher(text).results().map(block -> block.group(1)).collect(Collectors.joining());
    }

    /** The lines of {@link #commands()} that begin so. */
    Stream<String> commandsThatBegin(String start) {
        return commands().lines().filter(line -> line.startsWith(start));
    }
}
