package io.jenkins.plugins.cvmfs.notify;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.junit.jupiter.api.Test;

/** The arrows between the plugin's packages: steps to config, connection and page, config to connection, nothing back. */
final class PluginArchitectureTest {

    private static final String ROOT = "io.jenkins.plugins.cvmfs.notify.";

    private static final JavaClasses PLUGIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT + "config", ROOT + "connection", ROOT + "page", ROOT + "steps", ROOT + "trigger");

    @Test
    void noPackageNamesOneAboveIt() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("steps")
                .definedBy(ROOT + "steps")
                .layer("trigger")
                .definedBy(ROOT + "trigger")
                .layer("config")
                .definedBy(ROOT + "config")
                .layer("page")
                .definedBy(ROOT + "page")
                .layer("connection")
                .definedBy(ROOT + "connection")
                .whereLayer("steps")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("trigger")
                .mayOnlyBeAccessedByLayers("steps")
                .whereLayer("config")
                .mayOnlyBeAccessedByLayers("steps", "trigger")
                .whereLayer("page")
                .mayOnlyBeAccessedByLayers("steps")
                .whereLayer("connection")
                .mayOnlyBeAccessedByLayers("steps", "trigger", "config")
                .check(PLUGIN);
    }

    @Test
    void jettyAndTheProxyAreTheLibrarysBusiness() {
        ArchRuleDefinition.noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.eclipse.jetty..", "io.netty..", ROOT + "proxy..")
                .check(PLUGIN);
    }

    @Test
    void theLogicOfTheStepsAndTheTriggerNamesNoJenkinsType() {
        ArchRuleDefinition.classes()
                .that()
                .haveNameMatching(
                        ".*(steps\\.(RevisionWait|JointWait|PublishRun|TransactionRun|TimeLimit|BuildHandle|ConsoleLines|.*State)"
                                + "|connection\\.(AgentGroups|AgentMounts)|trigger\\.(RevisionWatch|KnownRevisions|ManifestChecks))(\\$.*)?")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", "io.jenkins.plugins.cvmfs.notify..")
                .check(PLUGIN);
    }
}
