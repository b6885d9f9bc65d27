package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The signatures that the build from Maven Central compiles against are those of the real Jenkins. */
@Tag("project")
class StandInTest {

    private static final Path CLASSES = Path.of(System.getProperty("jenkins-api.classes"));
    private static final int COMPARED =
            Modifier.STATIC | Modifier.PUBLIC | Modifier.PROTECTED | Modifier.PRIVATE | Modifier.INTERFACE;

    private final List<String> differences = new ArrayList<>();

    @Test
    void everyTypeAndMemberIsThatOfJenkins() throws Exception {
        // Given
        List<String> names = names();

        // When
        try (ChildFirst standIns = new ChildFirst()) {
            for (String name : names) {
                compare(
                        standIns.loadClass(name),
                        Class.forName(name, false, getClass().getClassLoader()));
            }
        }

        // Then
        assertThat(names).hasSizeGreaterThan(50);
        assertThat(differences).isEmpty();
    }

    private static List<String> names() throws IOException {
        try (Stream<Path> files = Files.walk(CLASSES)) {
            return files.map(file -> CLASSES.relativize(file).toString())
                    .filter(file -> file.endsWith(".class"))
                    .map(file -> file.substring(0, file.length() - 6).replace('/', '.'))
                    .sorted()
                    .toList();
        }
    }

    private void compare(Class<?> standIn, Class<?> real) {
        require(
                (standIn.getModifiers() & COMPARED) == (real.getModifiers() & COMPARED),
                standIn + " has other modifiers than " + real);
        Stream.concat(Stream.ofNullable(standIn.getSuperclass()), Arrays.stream(standIn.getInterfaces()))
                .forEach(parent -> require(isAbove(parent, real), standIn + " is no " + parent.getName()));
        for (Constructor<?> constructor : standIn.getDeclaredConstructors()) {
            if (!isImplied(standIn, constructor)) {
                require(has(real.getDeclaredConstructors(), constructor.toString()), "no " + constructor);
            }
        }
        for (Field field : standIn.getDeclaredFields()) {
            if (!field.isSynthetic()) {
                require(has(fields(real), field.toString(), standIn, real), "no " + field);
            }
        }
        for (Method method : standIn.getDeclaredMethods()) {
            if (!method.isBridge() && !method.isSynthetic()) {
                require(find(method, real), "no " + method);
            }
        }
    }

    private void require(boolean condition, String difference) {
        if (!condition) {
            differences.add(difference);
        }
    }

    private static boolean isAbove(Class<?> parent, Class<?> real) {
        return Stream.iterate(List.<Class<?>>of(real), level -> !level.isEmpty(), StandInTest::parents)
                .flatMap(List::stream)
                .anyMatch(type -> type.getName().equals(parent.getName()));
    }

    private static List<Class<?>> parents(List<Class<?>> level) {
        return level.stream()
                .flatMap(type ->
                        Stream.concat(Stream.ofNullable(type.getSuperclass()), Arrays.stream(type.getInterfaces())))
                .toList();
    }

    /** What javac adds to abstract and final classes where nothing is written, and what nobody can call. */
    private static boolean isImplied(Class<?> standIn, Constructor<?> constructor) {
        int type = standIn.getModifiers();
        return Modifier.isPrivate(constructor.getModifiers())
                || (constructor.getParameterCount() == 0 && (Modifier.isAbstract(type) || Modifier.isFinal(type)));
    }

    private static boolean has(Constructor<?>[] constructors, String signature) {
        return Arrays.stream(constructors)
                .anyMatch(constructor -> constructor.toString().equals(signature));
    }

    /** The public ones, inherited or not, and its own. */
    private static Stream<Field> fields(Class<?> type) {
        return Stream.concat(Arrays.stream(type.getFields()), Arrays.stream(type.getDeclaredFields()));
    }

    private static boolean has(Stream<Field> fields, String signature, Class<?> standIn, Class<?> real) {
        return fields.map(field -> field.toString().replace(" volatile ", " "))
                .map(text -> text.replace(real.getName(), standIn.getName()))
                .anyMatch(signature::equals);
    }

    /** The same erased signature, declared there or inherited; {@code synchronized}, {@code final} and the like do not matter. */
    private static boolean find(Method method, Class<?> real) {
        return Stream.iterate(List.<Class<?>>of(real), level -> !level.isEmpty(), StandInTest::parents)
                .flatMap(List::stream)
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .anyMatch(other -> other.getName().equals(method.getName())
                        && names(other.getParameterTypes()).equals(names(method.getParameterTypes()))
                        && other.getReturnType()
                                .getName()
                                .equals(method.getReturnType().getName())
                        && Modifier.isStatic(other.getModifiers()) == Modifier.isStatic(method.getModifiers())
                        && isVisible(other) == isVisible(method));
    }

    private static boolean isVisible(Method method) {
        return Modifier.isPublic(method.getModifiers());
    }

    private static List<String> names(Class<?>[] types) {
        return Arrays.stream(types).map(Class::getName).toList();
    }

    /** Loads the stand-ins before the real classes. */
    private static final class ChildFirst extends URLClassLoader {

        private ChildFirst() throws IOException {
            super(new URL[] {CLASSES.toUri().toURL()}, StandInTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                if (loaded != null) {
                    return loaded;
                }
                return Files.exists(CLASSES.resolve(name.replace('.', '/') + ".class"))
                        ? findClass(name)
                        : super.loadClass(name, resolve);
            }
        }
    }
}
