package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.codehaus.groovy.ast.CodeVisitorSupport;
import org.codehaus.groovy.ast.ModuleNode;
import org.codehaus.groovy.ast.expr.MapEntryExpression;
import org.codehaus.groovy.ast.expr.MapExpression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.control.CompilationUnit;
import org.codehaus.groovy.control.Phases;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The pipelines in the documentation are Groovy, and give the steps parameters that they have. */
@Tag("project")
final class ExamplesTest {

    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    private static final Pattern GROOVY = Pattern.compile("```groovy\n(.*?)```", Pattern.DOTALL);

    static final Map<String, Set<String>> PARAMETERS = Map.of(
            "cvmfsPublishNotify",
            Set.of("repository", "repositoryUrl", "manifestFile", "server", "verify"),
            "cvmfsTransaction",
            Set.of("repository", "tag", "message", "leaseTimeout", "server"),
            "waitForCvmfsRevision",
            Set.of(
                    "repository",
                    "revision",
                    "after",
                    "rootHash",
                    "replicas",
                    "addresses",
                    "agents",
                    "path",
                    "require",
                    "timeout",
                    "unit",
                    "onTimeout",
                    "onStale",
                    "server"),
            "cvmfsRevision",
            Set.of(
                    "repository",
                    "require",
                    "replicas",
                    "everyRevision",
                    "quietPeriod",
                    "maxRate",
                    "buildExisting",
                    "server"));

    static Stream<Path> pipelines() throws IOException {
        try (Stream<Path> examples = Files.list(ROOT.resolve("docs/examples"))) {
            List<Path> pipelines = examples.filter(file -> file.toString().endsWith(".Jenkinsfile"))
                    .sorted()
                    .toList();
            return Stream.concat(Stream.of(ROOT.resolve("Jenkinsfile")), pipelines.stream());
        }
    }

    @ParameterizedTest
    @MethodSource("pipelines")
    void aPipelineUsesTheStepsWithParametersTheyHave(Path file) throws IOException {
        // Given
        String text = Files.readString(file);

        // When
        List<String> calls = calls(text);

        // Then
        assertThat(calls).as("steps called in %s", file).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/jenkins.md", "src/plugin/README.md"})
    void theManualsPipelinesDoSoToo(String manual) throws IOException {
        // Given
        Matcher samples = GROOVY.matcher(Files.readString(ROOT.resolve(manual)));
        List<String> calls = new ArrayList<>();

        // When
        while (samples.find()) {
            calls.addAll(calls(samples.group(1)));
        }

        // Then
        assertThat(calls).contains("cvmfsTransaction", "waitForCvmfsRevision");
    }

    /** The names of the steps of this plugin that the script calls; fails if one has an unknown parameter. */
    private static List<String> calls(String script) {
        CompilationUnit unit = new CompilationUnit();
        unit.addSource("Jenkinsfile", script);
        unit.compile(Phases.CONVERSION);
        List<String> calls = new ArrayList<>();
        for (Object module : unit.getAST().getModules()) {
            ((ModuleNode) module).getStatementBlock().visit(new CodeVisitorSupport() {
                @Override
                public void visitMethodCallExpression(MethodCallExpression call) {
                    Set<String> known = PARAMETERS.get(call.getMethodAsString());
                    if (known != null) {
                        calls.add(call.getMethodAsString());
                        call.getArguments().visit(new CodeVisitorSupport() {
                            @Override
                            public void visitMapExpression(MapExpression map) {
                                assertThat(map.getMapEntryExpressions())
                                        .extracting(ExamplesTest::name)
                                        .isSubsetOf(known);
                            }
                        });
                    }
                    super.visitMethodCallExpression(call);
                }
            });
        }
        return calls;
    }

    private static String name(MapEntryExpression entry) {
        return entry.getKeyExpression().getText();
    }
}
