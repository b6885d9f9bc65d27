package io.jenkins.plugins.cvmfs.notify.client;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
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
import java.io.File;
import java.net.Socket;
import java.net.URL;
import java.util.Objects;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Holds the library to {@code architecture.puml} and to what its packages promise. */
class ArchitectureTest {

    private static final String ROOT = "io.jenkins.plugins.cvmfs.notify.client";
    private static final String[] PURE = {ROOT, ROOT + ".manifest..", ROOT + ".message..", ROOT + ".gate.."};
    private static final String[] NETWORK = {ROOT + ".transport..", ROOT + ".waiting.."};

    private static final URL DIAGRAM =
            Objects.requireNonNull(ArchitectureTest.class.getResource("/architecture.puml"), "architecture.puml");
    private static final ArchRule AS_DRAWN = classes()
            .should(adhereToPlantUmlDiagram(DIAGRAM, consideringOnlyDependenciesInAnyPackage(ROOT, ROOT + "..")));

    private static final JavaClasses LIBRARY = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    @Test
    void packagesDependOnEachOtherOnlyAsDrawn() {
        AS_DRAWN.check(LIBRARY);
    }

    /** The tests of trust use sample repositories; in the library that arrow goes the other way. */
    @Test
    void anArrowThatIsNotDrawnIsFound() {
        JavaClasses tests = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
                .importPackages(ROOT + ".trust");

        assertThatThrownBy(() -> AS_DRAWN.check(tests))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("sample.SampleRepository");
    }

    @Test
    void valuesAndDecisionsUseNoNetworkNoFilesAndNoThreads() {
        noClasses()
                .that()
                .resideInAnyPackage(PURE)
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                                "java.net.http..", "java.nio.file..", "java.nio.channels..", "java.util.concurrent..")
                        .and(not(simpleNameEndingWith("Exception"))
                                .as("are no exceptions, which FileProblem puts into words")))
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(Thread.class, File.class, Socket.class)
                .check(LIBRARY);
    }

    @Test
    void onlyTransportAndWaitingDependOnTheNetwork() {
        noClasses()
                .that()
                .resideOutsideOfPackages(NETWORK)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.net.http..", "org.eclipse.jetty..", "javax.net..")
                .check(LIBRARY);
    }

    @Test
    void theLibraryDependsNeitherOnTheServersNetworkNorOnJenkins() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.netty..",
                        "com.rabbitmq..",
                        "hudson..",
                        "jenkins..",
                        "org.kohsuke..",
                        "org.jenkinsci..",
                        "io.jenkins.plugins.cvmfs.notify.proxy..")
                .check(LIBRARY);
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(LIBRARY)
                .isNotEmpty()
                .allSatisfy(type -> assertThat(type.getPackage().isAnnotatedWith(NullMarked.class))
                        .as(type.getPackageName())
                        .isTrue());
    }

    @Test
    void nothingIsPrintedAndLoggingUsesSlf4j() {
        NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(LIBRARY);
        NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.check(LIBRARY);
    }
}
