package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What docs/jenkins.md says of parameters and log lines is what there is. */
@Tag("project")
final class ManualTest {

    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final List<Path> SOURCES = List.of(Path.of("src/main/java"), Path.of("../client/src/main/java"));

    private static String section(String title) throws IOException {
        String manual = Files.readString(Path.of("../../docs/jenkins.md"));
        int start = manual.indexOf("\n## " + title + "\n");
        assertThat(start).as("section %s", title).isPositive();
        int end = manual.indexOf("\n## ", start + 1);
        return manual.substring(start, end < 0 ? manual.length() : end);
    }

    /** The code in the first cell of each row of a table. */
    private static Stream<String> firstCells(String section) {
        return section.lines()
                .filter(line -> line.startsWith("| "))
                .map(line -> line.split("\\|", -1)[1])
                .flatMap(cell -> CODE.matcher(cell).results().map(code -> code.group(1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cvmfsPublishNotify", "waitForCvmfsRevision", "cvmfsRevision"})
    void everyParameterHasItsRow(String step) throws IOException {
        assertThat(firstCells(section(step))).containsExactlyInAnyOrderElementsOf(ExamplesTest.PARAMETERS.get(step));
    }

    @Test
    void thePluginsThatAreNeededAreListedWithTheirOldestVersions() throws IOException {
        // Given
        String pom = Files.readString(Path.of("pom-central.xml"));
        String dependencies = pom.replaceAll("(?s).*<plugin.dependencies>|</plugin.dependencies>.*", "");

        // When
        String block = section("Install").replaceAll("(?s).*```\\n(?=bouncycastle)|```\\s*$", "");

        // Then
        assertThat(block.lines())
                .containsExactlyElementsOf(Stream.of(dependencies.split(","))
                        .filter(plugin -> !plugin.endsWith(":=optional"))
                        .toList());
    }

    /** With {@code %} for whatever differs from case to case. */
    private static String sources() throws IOException {
        StringBuilder text = new StringBuilder();
        for (Path folder : SOURCES) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    text.append(Files.readString(file));
                }
            }
        }
        return text.toString().replaceAll("\"\\s*\\+\\s*\"", "").replaceAll("%[sd]|\\d+", "%");
    }

    @Test
    void everyLogLineInTheTroubleShootingIsWrittenByTheCode() throws IOException {
        // Given
        String sources = sources();
        List<String> lines = firstCells(section("Trouble-shooting by log line")).toList();

        // When
        String invented = lines.stream()
                .flatMap(line -> Stream.of(line.split("…", -1)))
                .map(part -> part.replaceAll("\\d+", "%").replaceAll("^[^a-zA-Z%]+|[^a-zA-Z%)]+$", ""))
                .filter(part -> part.length() > 3 && !sources.contains(part))
                .collect(Collectors.joining("\n"));

        // Then
        assertThat(lines).hasSizeGreaterThan(25);
        assertThat(invented).isEmpty();
    }
}
