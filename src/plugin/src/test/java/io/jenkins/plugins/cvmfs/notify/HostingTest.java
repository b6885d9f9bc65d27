package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/**
 * What the hosting checker of the Jenkins update centre asks of a plugin's repository, whose root is this folder there. It looks at
 * the same files in the same way: as XML and text, before anything is built.
 */
final class HostingTest {

    private static final Map<String, String> ENFORCED = Map.of(
            "hpi.strictBundledArtifacts", "true",
            "ban-commons-lang-2.skip", "false",
            "ban-deprecated-stapler.skip", "false",
            "ban-junit4-imports.skip", "false",
            "banObsoleteDependencyOverrides.skip", "false");

    private Element project;

    @BeforeEach
    void readPom() throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        project =
                factory.newDocumentBuilder().parse(Path.of("pom.xml").toFile()).getDocumentElement();
    }

    private String pom(String path) {
        Element element = project;
        for (String name : path.split("/", -1)) {
            element = children(element)
                    .filter(child -> child.getNodeName().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("pom.xml has no " + path));
        }
        return element.getTextContent().strip();
    }

    private static Stream<Element> children(Element element) {
        NodeList nodes = element.getChildNodes();
        return IntStream.range(0, nodes.getLength())
                .<Node>mapToObj(nodes::item)
                .filter(Element.class::isInstance)
                .map(Element.class::cast);
    }

    @Test
    void namesAndPlacesAreThoseOfAJenkinsPlugin() {
        assertThat(pom("groupId")).isEqualTo("io.jenkins.plugins");
        assertThat(pom("artifactId"))
                .matches("[a-z]+(-[a-z]+)*")
                .doesNotContain("jenkins")
                .hasSizeLessThan(37);
        assertThat(pom("name")).isNotBlank().doesNotContainIgnoringCase("jenkins");
        assertThat(pom("licenses/license/url")).startsWith("https://");
        assertThat(pom("url")).isEqualTo("https://github.com/jenkinsci/${project.artifactId}-plugin");
        assertThat(pom("scm/connection")).startsWith("scm:git:https://github.com/");
        assertThat(pom("scm/developerConnection")).startsWith("scm:git:git@github.com:");
        assertThat(pom("scm/url")).startsWith("https://github.com/");
        assertThat(pom("scm/tag")).isEqualTo("${scmTag}");
        assertThat(pom("repositories/repository/url")).startsWith("https://");
        assertThat(pom("pluginRepositories/pluginRepository/url")).startsWith("https://");
        assertThat(children(project).map(Node::getNodeName)).doesNotContain("developers");
    }

    @Test
    void theParentTheBaselineAndTheBillOfMaterialsBelongTogether() {
        assertThat(pom("parent/artifactId")).isEqualTo("plugin");
        assertThat(pom("parent/version")).isGreaterThanOrEqualTo("6.2211");
        assertThat(pom("properties/jenkins.baseline")).isGreaterThanOrEqualTo("2.541");
        assertThat(pom("properties/jenkins.version")).isEqualTo("${jenkins.baseline}.3");
        assertThat(pom("dependencyManagement/dependencies/dependency/artifactId"))
                .isEqualTo("bom-${jenkins.baseline}.x");
    }

    @Test
    void theStrictPropertiesAreSetAndTheForbiddenOnesAreNot() {
        assertThat(ENFORCED)
                .allSatisfy((name, value) ->
                        assertThat(pom("properties/" + name)).as(name).isEqualTo(value));
        assertThat(children(project)
                        .filter(child -> child.getNodeName().equals("properties"))
                        .flatMap(HostingTest::children)
                        .map(Node::getNodeName))
                .doesNotContain(
                        "java.level", "maven.compiler.source", "maven.compiler.target", "maven.compiler.release");
    }

    @Test
    void theVersionIsMadeFromTheCommit() throws IOException {
        assertThat(pom("version")).isEqualTo("${changelist}");
        assertThat(pom("properties/changelist")).isEqualTo("999999-SNAPSHOT");
        assertThat(Path.of(".mvn/extensions.xml")).content().contains("git-changelist-maven-extension");
        assertThat(Files.readAllLines(Path.of(".mvn/maven.config"))).contains("-Dchangelist.format=%d.v%s");
        assertThat(Path.of(".github/workflows/cd.yaml")).content().contains("maven-cd.yml@");
    }

    @Test
    void theFarmBuildsItOnTheJdksItHas() throws IOException {
        // When
        String pipeline = Files.readString(Path.of("Jenkinsfile"));

        // Then
        List<String> configurations = Pattern.compile("\\[platform: '\\w+', jdk: (\\d+)]")
                .matcher(pipeline)
                .results()
                .map(MatchResult::group)
                .toList();
        assertThat(pipeline).containsOnlyOnce("buildPlugin(");
        assertThat(configurations).hasSize(2).allMatch(line -> line.contains("jdk: 21") || line.contains("jdk: 25"));
    }

    @Test
    void theFilesOfARepositoryAreThere() throws IOException {
        assertThat(Files.readAllLines(Path.of(".github/CODEOWNERS")))
                .contains("* @jenkinsci/" + pom("artifactId") + "-plugin-developers");
        assertThat(Path.of(".github/workflows/jenkins-security-scan.yml"))
                .content()
                .contains("jenkins-infra/jenkins-security-scan/.github/workflows/jenkins-security-scan.yaml@");
        assertThat(Path.of(".github/dependabot.yml"))
                .content()
                .contains("package-ecosystem: maven", "package-ecosystem: github-actions");
        assertThat(Files.readAllLines(Path.of(".gitignore"))).contains("target/", "work/");
        assertThat(Path.of("LICENSE")).content().startsWith("MIT License");
        assertThat(Path.of("README.md")).isNotEmptyFile();
        assertThat(Path.of("CONTRIBUTING.md")).isNotEmptyFile();
        assertThat(Path.of("src/main/resources/index.jelly")).content().contains("<div>");
    }

    @Test
    @Tag("project")
    void theLicenceIsThatOfTheProject() {
        assertThat(Path.of("LICENSE")).hasSameTextualContentAs(Path.of("../../LICENSE"));
    }

    @Test
    void testsThatNeedTheServiceBesideThisFolderHaveATag() throws IOException {
        // Given
        Path folder = Path.of("src/jenkins-test/java");

        // When
        List<Path> untagged;
        try (Stream<Path> files = Files.walk(folder)) {
            untagged = files.filter(file -> file.toString().endsWith("Test.java"))
                    .filter(file -> needsTheService(file))
                    .toList();
        }

        // Then
        assertThat(untagged).isEmpty();
    }

    /** Returns true unless a tag says so, on the class or on the fixture that it inherits. */
    private static boolean needsTheService(Path test) {
        try {
            String source = Files.readString(test);
            return source.matches("(?s).*\\bnew (Site|ProxyProcess)\\(.*")
                    && !source.contains("extends PipelineFixture")
                    && !source.contains("@Tag(\"project\")");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theReadmeStandsAloneOnTheSiteOfPlugins() throws IOException {
        // When
        List<String> targets = Pattern.compile("(?:\\]\\(|src(?:set)?=\")([^)\"]+)")
                .matcher(Files.readString(Path.of("README.md")))
                .results()
                .map(link -> link.group(1))
                .toList();

        // Then
        assertThat(targets).anyMatch(target -> target.endsWith(".png")).allSatisfy(target -> {
            if (!target.startsWith("https://") && !target.startsWith("#")) {
                assertThat(Path.of(target).normalize())
                        .exists()
                        .satisfies(file -> assertThat(file.toString()).doesNotStartWith(".."));
            }
        });
    }
}
