package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The signatures that stand in for Jenkins are those that the plugin needs, and no more. */
@Tag("project")
final class StandInUseTest {

    private static final Path STAND_INS = Path.of("../jenkins-api/target/classes");

    private static final Path PLUGIN = folder(CvmfsNotifyConfiguration.class);
    private static final Path TESTS = folder(StandInUseTest.class);

    private final JavaClasses all = new ClassFileImporter().importPaths(PLUGIN, TESTS, STAND_INS);
    private final List<JavaClass> plugin =
            all.stream().filter(type -> isIn(PLUGIN, type)).toList();
    private final List<JavaClass> tests =
            all.stream().filter(type -> isIn(TESTS, type)).toList();
    private final List<JavaClass> standIns =
            all.stream().filter(type -> !isPlugin(type) && isStandIn(type)).toList();

    private static Path folder(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isPlugin(JavaClass type) {
        return type.getPackageName().startsWith("io.jenkins.plugins.cvmfs.notify");
    }

    private static boolean isIn(Path folder, JavaClass type) {
        return type.getSource().stream()
                .anyMatch(source -> Path.of(source.getUri()).startsWith(folder));
    }

    private static boolean isStandIn(JavaClass type) {
        return type.getSource().stream()
                .anyMatch(source -> source.getUri().getPath().contains("/jenkins-api/"));
    }

    @Test
    void thePluginNeedsEveryTypeThatStandsIn() {
        // Given
        Set<JavaClass> needed = new HashSet<>();
        Deque<JavaClass> toVisit = new ArrayDeque<>(plugin);

        // When
        while (!toVisit.isEmpty()) {
            toVisit.remove().getDirectDependenciesFromSelf().stream()
                    .map(Dependency::getTargetClass)
                    .map(JavaClass::getBaseComponentType)
                    .filter(needed::add)
                    .forEach(toVisit::add);
        }

        // Then
        assertThat(standIns).hasSizeGreaterThan(50);
        assertThat(standIns.stream().filter(type -> !needed.contains(type))).isEmpty();
    }

    @Test
    void thePluginCallsOrOverridesEveryMemberThatStandsIn() {
        // Given
        Set<JavaMember> used = new HashSet<>();
        plugin.forEach(type -> {
            type.getAccessesFromSelf().stream()
                    .map(JavaAccess::getTarget)
                    .flatMap(target -> target.resolveMember().stream())
                    .forEach(used::add);
            type.getMethods().forEach(method -> overridden(method).forEach(used::add));
            elements(type.getAnnotations()).forEach(used::add);
            type.getMembers()
                    .forEach(member -> elements(member.getAnnotations()).forEach(used::add));
        });

        // What a test puts in Jenkins' place has to implement all that is abstract in the real class.
        tests.forEach(type -> type.getMethods()
                .forEach(method -> overridden(method)
                        .filter(above -> above.getModifiers().contains(JavaModifier.ABSTRACT))
                        .forEach(used::add)));

        // When
        Stream<JavaMember> unused = standIns.stream()
                .flatMap(type -> type.getMembers().stream())
                .filter(member -> !used.contains(member) && !isImplied(member));

        // Then
        assertThat(unused.map(JavaMember::getFullName)).isEmpty();
    }

    @Test
    void whatStandsInDoesNothingButThrow() {
        // When
        List<JavaCodeUnit> written = standIns.stream()
                .flatMap(type -> type.getCodeUnits().stream())
                .filter(unit -> !unit.getModifiers().contains(JavaModifier.ABSTRACT) && !isImplied(unit))
                .toList();

        // Then
        assertThat(written).hasSizeGreaterThan(30).allSatisfy(unit -> {
            assertThat(unit.getMethodCallsFromSelf()).isEmpty();
            assertThat(unit.getFieldAccesses()).isEmpty();
            assertThat(unit.getConstructorCallsFromSelf())
                    .filteredOn(call -> !unit.isConstructor() || isException(call.getTargetOwner()))
                    .extracting(call -> call.getTargetOwner().getName())
                    .containsExactly(UnsupportedOperationException.class.getName());
        });
    }

    private static boolean isException(JavaClass type) {
        return type.isEquivalentTo(UnsupportedOperationException.class);
    }

    private static Stream<JavaMethod> overridden(JavaMethod method) {
        JavaClass type = method.getOwner();
        return Stream.concat(type.getAllRawSuperclasses().stream(), type.getAllRawInterfaces().stream())
                .flatMap(above -> above.tryGetMethod(method.getName(), names(method)).stream());
    }

    private static Stream<JavaMethod> elements(Set<? extends JavaAnnotation<?>> annotations) {
        return annotations.stream()
                .flatMap(annotation -> annotation.getRawType().getMethods().stream()
                        .filter(element -> annotation.hasExplicitlyDeclaredProperty(element.getName())));
    }

    private static String[] names(JavaCodeUnit unit) {
        return unit.getRawParameterTypes().stream().map(JavaClass::getName).toArray(String[]::new);
    }

    /** What javac adds, and what nobody can call: constructors that keep others from making one. */
    private static boolean isImplied(JavaMember member) {
        boolean constructor = member instanceof JavaCodeUnit unit
                && unit.isConstructor()
                && unit.getRawParameterTypes().isEmpty();
        boolean constants =
                member.getOwner().isEnum() && Set.of("values", "valueOf").contains(member.getName());
        return constructor
                || constants
                || member.getName().equals("<clinit>")
                || member.getModifiers().contains(JavaModifier.PRIVATE)
                || member.getModifiers().contains(JavaModifier.SYNTHETIC)
                || member.getModifiers().contains(JavaModifier.BRIDGE);
    }
}
