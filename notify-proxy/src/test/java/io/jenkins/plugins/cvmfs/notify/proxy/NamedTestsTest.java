package io.jenkins.plugins.cvmfs.notify.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The documents that promise something name the tests that show it; these must be there. */
class NamedTestsTest {

    private static final Pattern NAME = Pattern.compile("`([A-Z][A-Za-z0-9]+(?:Test|IT))`");

    @ParameterizedTest
    @ValueSource(strings = {"operations.md", "robustness.md", "security.md", "rabbitmq.md"})
    void everyTestThatADocumentNamesIsThere(String document) throws IOException {
        String text = Files.readString(Path.of("../docs", document));

        assertThat(NAME.matcher(text).results().map(found -> found.group(1)).collect(Collectors.toSet()))
                .isNotEmpty()
                .isSubsetOf(testClasses());
    }

    private static Set<String> testClasses() throws IOException {
        try (Stream<Path> proxy = Files.walk(Path.of("src/test/java"));
                Stream<Path> client = Files.walk(Path.of("../src/client/src/test/java"))) {
            return Stream.concat(proxy, client)
                    .map(path -> path.getFileName().toString())
                    .filter(name -> name.endsWith(".java"))
                    .map(name -> name.replace(".java", ""))
                    .collect(Collectors.toSet());
        }
    }
}
