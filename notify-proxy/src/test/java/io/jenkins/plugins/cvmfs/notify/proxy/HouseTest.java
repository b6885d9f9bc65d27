package io.jenkins.plugins.cvmfs.notify.proxy;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the shape and the language of all modules: unique names, small packages, the terms of the glossary. */
class HouseTest {

    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    private static final List<String> PRODUCT = List.of("src/client", "src/plugin", "notify-proxy");
    private static final int MOST_TYPES = 30;

    /** Phrases that the glossary in docs/development.md replaces, and openings that say nothing. */
    private static final Pattern BANNED = Pattern.compile(
            "\\b(mended|none of ours|time is up|worked off|breaks? off|broke off|less the|is away|went away|whoever|somebody|anybody|anyone|someone)\\b"
                    + "|\\b(errand|ledger|lodger|outbox|tally|farewell|feeds? of the)\\b"
                    + "|(?m)^\\s*(/\\*\\*|\\*|//) (?-i:What|Whether|Whoever|Who|How (many|long|much|often)) ",
            Pattern.CASE_INSENSITIVE);

    @Test
    void noSimpleNameIsUsedTwice() {
        Map<String, Long> names = Stream.concat(PRODUCT.stream(), Stream.of("src/load"))
                .flatMap(module -> types(module).map(file -> file.getFileName().toString()))
                .collect(groupingBy(name -> name, counting()));

        assertThat(names).isNotEmpty();
        assertThat(names.entrySet().stream().filter(entry -> entry.getValue() > 1))
                .isEmpty();
    }

    /** The transport of the client is the exception: it speaks three protocols. */
    @Test
    void noPackageHasMoreThanThirtyTypes() {
        Map<Path, Long> packages = PRODUCT.stream()
                .flatMap(HouseTest::types)
                .filter(file -> !file.getParent().endsWith("client/transport"))
                .collect(groupingBy(Path::getParent, counting()));

        assertThat(packages).isNotEmpty();
        assertThat(packages.entrySet().stream().filter(entry -> entry.getValue() > MOST_TYPES))
                .isEmpty();
        List<Long> lines = PRODUCT.stream()
                .flatMap(HouseTest::types)
                .map(file -> text(file).lines().count())
                .sorted()
                .toList();
        Programs.announce("House: %d files, %d lines, median %d"
                .formatted(
                        lines.size(), lines.stream().mapToLong(Long::longValue).sum(), lines.get(lines.size() / 2)));
    }

    @Test
    void noTextUsesABannedPhrase() {
        List<Path> texts = Stream.concat(
                        Stream.concat(PRODUCT.stream(), Stream.of("src/load"))
                                .flatMap(module -> files(module + "/src/main", "java", "jelly", "html", "js")),
                        Stream.concat(files("docs", "md"), Stream.of(TOP.resolve("README.md"))))
                .filter(file -> !file.endsWith("development.md"))
                .toList();

        assertThat(texts).hasSizeGreaterThan(100);
        assertThat(texts.stream().flatMap(HouseTest::phrases)).isEmpty();
    }

    @Test
    void aBannedPhraseIsFound() {
        assertThat(BANNED.matcher("the connection is mended").find()).isTrue();
        assertThat(BANNED.matcher("    /** Whether it is open. */").find()).isTrue();
        assertThat(BANNED.matcher("    /** Returns whether it is open. */").find())
                .isFalse();
    }

    private static Stream<String> phrases(Path file) {
        return BANNED.matcher(text(file))
                .results()
                .map(MatchResult::group)
                .map(phrase -> TOP.relativize(file) + ": " + phrase.strip());
    }

    private static Stream<Path> types(String module) {
        return files(module + "/src/main/java", "java")
                .filter(file -> !file.endsWith("package-info.java") && !file.endsWith("module-info.java"));
    }

    private static Stream<Path> files(String folder, String... endings) {
        try (Stream<Path> all = Files.walk(TOP.resolve(folder))) {
            return all
                    .filter(file -> Stream.of(endings)
                            .anyMatch(ending -> file.toString().endsWith("." + ending)))
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
