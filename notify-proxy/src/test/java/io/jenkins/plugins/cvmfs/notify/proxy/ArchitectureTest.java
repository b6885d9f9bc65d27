package io.jenkins.plugins.cvmfs.notify.proxy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.plantuml.rules.PlantUmlArchCondition.Configuration.consideringOnlyDependenciesInAnyPackage;
import static com.tngtech.archunit.library.plantuml.rules.PlantUmlArchCondition.adhereToPlantUmlDiagram;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.net.MalformedURLException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the proxy to {@code architecture.puml}, and each library to the package that is there for it. */
class ArchitectureTest {

    private static final String ROOT = "io.jenkins.plugins.cvmfs.notify.proxy";
    private static final Path DIAGRAM = Path.of("src/test/resources/architecture.puml");

    private static final JavaClasses PROXY = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    @TempDir
    Path folder;

    @Test
    void packagesDependOnEachOtherOnlyAsDrawn() throws MalformedURLException {
        asDrawn(DIAGRAM).check(PROXY);
    }

    @Test
    void anArrowThatIsNotDrawnIsFound() throws IOException {
        String drawing = Files.readString(DIAGRAM);
        String arrow = "[admin] --> [fanout]\n";
        assertThat(drawing).contains(arrow);
        Path incomplete = Files.writeString(folder.resolve("incomplete.puml"), drawing.replace(arrow, ""));

        assertThatThrownBy(() -> asDrawn(incomplete).check(PROXY))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("admin.RepositoriesRoute");
    }

    private static ArchRule asDrawn(Path diagram) throws MalformedURLException {
        return classes()
                .should(adhereToPlantUmlDiagram(
                        diagram.toUri().toURL(), consideringOnlyDependenciesInAnyPackage(ROOT, ROOT + "..")));
    }

    @ParameterizedTest
    @CsvSource({
        "com.rabbitmq.., log.rabbitmq",
        "org.eclipse.jetty.., webhook",
        "picocli.., cli",
        "io.netty.handler.codec.., http subscribe",
        "ch.qos.logback.., cli",
        "io.micrometer.prometheusmetrics.., admin",
    })
    void aLibraryIsKnownToThePackagesThatAreThereForIt(String library, String owners) {
        noClasses()
                .that()
                .resideOutsideOfPackages(Arrays.stream(owners.split(" "))
                        .map(owner -> ROOT + "." + owner + "..")
                        .toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(PROXY);
    }

    @Test
    void onlyThePackagesThatHandleSocketsKnowNetty() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        ROOT + ".http..",
                        ROOT + ".subscribe..",
                        ROOT + ".fanout..",
                        ROOT + ".netty..",
                        ROOT + ".systemd..",
                        ROOT + ".tls..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(PROXY);
    }

    @Test
    void everyPackageSaysWhatMayBeNull() {
        assertThat(PROXY)
                .isNotEmpty()
                .allSatisfy(type -> assertThat(type.getPackage().isAnnotatedWith(NullMarked.class))
                        .as(type.getPackageName())
                        .isTrue());
    }

    /** The command line prints through picocli's writers. */
    @Test
    void nothingIsPrintedByTheWayAndLoggingIsSlf4js() {
        NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(PROXY);
        NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.check(PROXY);
    }
}
