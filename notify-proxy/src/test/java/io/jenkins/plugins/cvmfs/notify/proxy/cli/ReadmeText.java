package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The project's README or another page, by its sections; what stands in blocks marked {@code sh} is meant to be typed. */
record ReadmeText(String text) {

    static ReadmeText read() throws IOException {
        return new ReadmeText(Files.readString(Path.of("..", "README.md")));
    }

    /** A page of the folder {@code docs}. */
    static ReadmeText page(String name) throws IOException {
        return new ReadmeText(Files.readString(Path.of("..", "docs", name)));
    }

    /** From a heading to the next of its level. */
    ReadmeText section(String heading) {
        int start = text.indexOf("\n## " + heading + "\n");
        assertThat(start).as("there is a section '%s'", heading).isNotNegative();
        int end = text.indexOf("\n## ", start + 1);
        return new ReadmeText(text.substring(start, end < 0 ? text.length() : end));
    }

    /** Everything that is meant to be typed, in the order in which it stands. */
    String commands() {
        return String.join("", blocks("sh"));
    }

    /** What stands in blocks marked with this language, in the order in which it stands. */
    List<String> blocks(String language) {
        Pattern block = Pattern.compile("^```" + language + "\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
        return block.matcher(text).results().map(found -> found.group(1)).toList();
    }

    /** The lines of {@link #commands()} that begin so. */
    Stream<String> commandsThatBegin(String start) {
        return commands().lines().filter(line -> line.startsWith(start));
    }
}
