package io.jenkins.plugins.cvmfs.notify.proxy;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Links between the pages of the documentation lead somewhere, and what the pages name is there. */
class DocumentationTest {

    private static final Path ROOT = Path.of("..");
    private static final Pattern CODE = Pattern.compile("(?ms)^ *```.*?^ *```$");
    private static final Pattern LINK = Pattern.compile("]\\(\\s*([^)\\s]+)\\s*\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
    private static final Pattern TEST = Pattern.compile("`[A-Z][A-Za-z0-9]+(?:Test|IT)`");

    /** A type with its package, or one with a capital inside. */
    private static final Pattern TYPE =
            Pattern.compile("\\b(?!RabbitMQ|WebSocket\\b)(?:[a-z]+\\.[A-Z]\\w+|[A-Z][a-z]+[A-Z]\\w+)\\b");

    private static final List<String> SOURCES = sources();

    static List<Path> pages() throws IOException {
        try (Stream<Path> top = Files.list(ROOT);
                Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(top, docs)
                    .filter(path -> path.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyLinkLeadsToAFileAndToAHeadingInIt(Path page) throws IOException {
        assertThat(LINK.matcher(prose(page)).results().map(found -> found.group(1)))
                .filteredOn(link -> !link.matches("[a-z]+:.*"))
                .allSatisfy(link -> {
                    String[] parts = link.split("#", 2);
                    Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]);
                    assertThat(target).exists();
                    if (parts.length > 1) {
                        assertThat(anchors(target)).contains(parts[1]);
                    }
                });
    }

    @Test
    void thePagesForUsersNameNoTests() throws IOException {
        assertThat(pages())
                .filteredOn(page -> page.getParent().endsWith("docs") && !page.endsWith("development.md"))
                .hasSizeGreaterThan(8)
                .allSatisfy(page -> assertThat(Files.readString(page)).doesNotContainPattern(TEST));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void thePagesUseTheFieldsWords(Path page) throws IOException {
        assertThat(prose(page))
                .doesNotContainPattern(
                        "(?i)\\b(whoever|mended|none of ours|is away|comes? back|time is up|says so)\\b");
    }

    /** The paths of a publish and of a wait name types, some with their package. */
    @Test
    void everyTypeThatTheSpinesNameIsThere() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/development.md"));
        String spines = page.substring(page.indexOf("## A publish"), page.indexOf("## Build"));

        assertThat(TYPE.matcher(spines).results().map(found -> found.group()).distinct())
                .hasSizeGreaterThan(30)
                .allSatisfy(type -> assertThat(SOURCES)
                        .as(type)
                        .anyMatch(source -> source.endsWith("/" + type.replace('.', '/') + ".java")));
    }

    @Test
    void theCodeWritesTheLogLinesThatAreExplained() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/rabbitmq.md"));
        String table = page.substring(page.indexOf("## In the log"), page.indexOf("## TLS"));
        StringBuilder code = new StringBuilder();
        for (String source : SOURCES) {
            if (source.contains("/log/rabbitmq/")) {
                code.append(Files.readString(Path.of(source)));
            }
        }

        assertThat(Pattern.compile("(?m)^\\| `([^`]+)`")
                        .matcher(table)
                        .results()
                        .map(found -> found.group(1)))
                .hasSize(6)
                .allSatisfy(line -> assertThat(code).contains('"' + line + '"'));
    }

    @Test
    void aDecisionRecordHasItsFourPartsInAtMost250Words() throws IOException {
        assertThat(pages())
                .filteredOn(page -> page.getParent().endsWith("decisions") && !page.endsWith("README.md"))
                .hasSizeGreaterThan(20)
                .allSatisfy(record -> assertThat(Files.readString(record))
                        .contains("**Status:**", "**Context.**", "**Decision.**", "**Consequences.**")
                        .satisfies(
                                text -> assertThat(text.strip().split("\\s+")).hasSizeLessThanOrEqualTo(250)));
    }

    @Test
    void thePagesForUsersAreShortEnoughToBeRead() throws IOException {
        assertThat(pages())
                .filteredOn(page -> page.getParent().endsWith("docs"))
                .hasSize(11)
                .extracting(page -> Files.readString(page).split("\\s+").length)
                .satisfies(words -> assertThat(
                                words.stream().mapToInt(Integer::intValue).sum())
                        .isLessThan(26_000));
    }

    /** By page and heading: the test that runs them, or why none does. */
    private static final Map<String, String> COMMANDS = Map.ofEntries(
            entry("README.md, Two commands", "they build this project"),
            entry("README.md, Which of these are you?", "ReadmeIT"),
            entry("README.md, Five-minute tour", "ReadmeIT"),
            entry("README.md, Configuration", "ReadmeIT"),
            entry("README.md, With RabbitMQ", "ReadmeRabbitMqIT"),
            entry("README.md, With CVMFS clients and `cvmfs_swissknife`", "ReadmeIT"),
            entry(
                    "README.md, Run it",
                    "it measures for more than an hour; the load module's SmokeTest runs the program"),
            entry("cvmfs.md, The right to publish", "CvmfsGuideIT"),
            entry("cvmfs.md, Publishers", "CvmfsGuideIT"),
            entry("cvmfs.md, Replicas", "CvmfsGuideIT"),
            entry("cvmfs.md, Clients", "CvmfsGuideIT"),
            entry("development.md, Release", "it builds this project"),
            entry("install.md, Memory and threads", "PageCommandsIT"),
            entry("jenkins.md, Install", "it builds this project"),
            entry("jenkins.md, Configure", "PageCommandsIT"),
            entry("migration.md, From the original service", "MigrationGuideIT"),
            entry("migration.md, From the gateway", "MigrationGuideIT"),
            entry("operations.md, Problems and what to do", "StreamCoordinatorIT"),
            entry("rabbitmq.md, Set up", "RabbitMqGuideIT"),
            entry("security.md, Who may publish", "PageCommandsIT"),
            entry("clients/README.md, curl", "ClientsIT"),
            entry("github/README.md, Without a held runner", "CiPartsIT"),
            entry("gitlab/README.md, Without a held runner", "CiPartsIT"));

    @Test
    void everyCommandIsRunByATest() throws IOException {
        Pattern sections = Pattern.compile("(?ms)^## ([^\n]*)$(.*?)(?=^## |\\z)");
        List<String> withCommands = new ArrayList<>();
        for (Path page : pages()) {
            Path examples = ROOT.resolve("docs/examples");
            String name = (page.startsWith(examples) ? examples.relativize(page) : page.getFileName()).toString();
            sections.matcher(Files.readString(page))
                    .results()
                    .filter(section -> section.group(2).contains("\n```sh\n"))
                    .forEach(section -> withCommands.add(name + ", " + section.group(1)));
        }

        assertThat(withCommands).containsExactlyInAnyOrderElementsOf(COMMANDS.keySet());
        assertThat(COMMANDS.values())
                .filteredOn(test -> test.endsWith("IT"))
                .allSatisfy(test ->
                        assertThat(files("/src/test/java/")).anyMatch(source -> source.endsWith("/" + test + ".java")));
    }

    private static List<String> sources() {
        return files("/src/main/java/");
    }

    private static List<String> files(String below) {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.map(Path::toString)
                    .filter(path -> path.contains(below))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String prose(Path page) throws IOException {
        return CODE.matcher(Files.readString(page)).replaceAll("");
    }

    /** As GitHub makes them of headings. */
    private static List<String> anchors(Path page) throws IOException {
        return HEADING.matcher(prose(page))
                .results()
                .map((MatchResult heading) -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{Alnum}_ -]", "")
                        .replace(' ', '-'))
                .toList();
    }
}
