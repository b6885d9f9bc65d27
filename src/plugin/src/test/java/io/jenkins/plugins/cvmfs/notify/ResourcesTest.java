package io.jenkins.plugins.cvmfs.notify;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.config.CvmfsFolderProperty;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.ReplicaEntry;
import io.jenkins.plugins.cvmfs.notify.config.RepositoryEntry;
import io.jenkins.plugins.cvmfs.notify.config.ServerEntry;
import io.jenkins.plugins.cvmfs.notify.steps.CvmfsPublishNotifyStep;
import io.jenkins.plugins.cvmfs.notify.steps.CvmfsTransactionStep;
import io.jenkins.plugins.cvmfs.notify.steps.WaitForCvmfsRevisionStep;
import io.jenkins.plugins.cvmfs.notify.trigger.CvmfsRevisionCause;
import io.jenkins.plugins.cvmfs.notify.trigger.CvmfsRevisionTrigger;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jenkinsci.Symbol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.export.ExportedBean;
import org.kohsuke.stapler.verb.POST;

/** Forms, help and messages belong together, and fit the classes. */
final class ResourcesTest {

    private static final Path RESOURCES = Path.of("src/main/resources");

    /** The fields of a form, by its class; constructor parameters have no names in class files. */
    private static final Map<Class<?>, List<String>> CONSTRUCTED = Map.of(
            ServerEntry.class, List.of("name", "url"),
            ReplicaEntry.class, List.of("name", "url"),
            RepositoryEntry.class, List.of("name"),
            CvmfsTransactionStep.class, List.of("repository"),
            CvmfsRevisionTrigger.class, List.of("repository"));

    @ParameterizedTest
    @ValueSource(
            classes = {
                CvmfsNotifyConfiguration.class,
                CvmfsFolderProperty.class,
                ServerEntry.class,
                RepositoryEntry.class,
                ReplicaEntry.class,
                CvmfsPublishNotifyStep.class,
                CvmfsTransactionStep.class,
                WaitForCvmfsRevisionStep.class,
                CvmfsRevisionTrigger.class
            })
    void everyFieldStandsInTheFormAndHasItsHelp(Class<?> type) throws IOException {
        // Given
        TreeSet<String> fields = new TreeSet<>(CONSTRUCTED.getOrDefault(type, List.of()));
        Arrays.stream(type.getMethods())
                .filter(method -> method.isAnnotationPresent(DataBoundSetter.class))
                .map(method -> method.getName().substring(3))
                .map(name -> name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1))
                .forEach(fields::add);
        Path folder = RESOURCES.resolve(type.getName().replace('.', '/'));

        // When
        String form = Files.readString(folder.resolve("config.jelly"));

        // Then
        assertThat(fields).isNotEmpty().allSatisfy(field -> {
            assertThat(form).contains("field=\"" + field + "\"");
            assertThat(folder.resolve("help-" + field + ".html")).isNotEmptyFile();
        });
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.startsWith("help-")))
                    .containsExactlyInAnyOrderElementsOf(fields.stream()
                            .map(field -> "help-" + field + ".html")
                            .toList());
        }
        if (!type.getPackageName().endsWith(".config")) {
            assertThat(Path.of("README.md"))
                    .content()
                    .contains(fields.stream().map(field -> "`" + field + "`").toList());
        }
        assertThat(constructorParameters(type))
                .isEqualTo(CONSTRUCTED.getOrDefault(type, List.of()).size());
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                ServerEntry.class,
                RepositoryEntry.class,
                ReplicaEntry.class,
                CvmfsPublishNotifyStep.class,
                WaitForCvmfsRevisionStep.class,
                CvmfsRevisionTrigger.class
            })
    void everyTypedFieldIsChecked(Class<?> type) throws Exception {
        // Given
        String form = Files.readString(
                RESOURCES.resolve(type.getName().replace('.', '/')).resolve("config.jelly"));
        Set<String> methods = Arrays.stream(
                        Class.forName(type.getName() + "$DescriptorImpl").getMethods())
                .map(Method::getName)
                .collect(Collectors.toSet());

        // When
        List<String> typed = Pattern.compile(
                        "field=\"(\\w)(\\w*)\">\\s*<(f:textbox|f:combobox|f:textarea|f:number|c:select)")
                .matcher(form)
                .results()
                .map(field -> field.group(1).toUpperCase(Locale.ROOT) + field.group(2))
                .toList();

        // Then
        assertThat(typed).isNotEmpty().allSatisfy(field -> assertThat(methods).contains("doCheck" + field));
    }

    @ParameterizedTest
    @ValueSource(classes = {ServerEntry.class, RepositoryEntry.class, ReplicaEntry.class})
    void aNewEntryOpensWithoutErrorsInItsRequiredFields(Class<?> type) throws IOException {
        // Given
        String form = Files.readString(
                RESOURCES.resolve(type.getName().replace('.', '/')).resolve("config.jelly"));

        // When
        long checkedLater = Pattern.compile("clazz=\"[^\"]*\\bcvmfs-notify-required\"")
                .matcher(form)
                .results()
                .count();

        // Then
        assertThat(checkedLater).isEqualTo(constructorParameters(type));
    }

    private static int constructorParameters(Class<?> type) {
        return Arrays.stream(type.getConstructors())
                .filter(constructor -> constructor.isAnnotationPresent(DataBoundConstructor.class))
                .mapToInt(constructor -> constructor.getParameterCount())
                .sum();
    }

    @ParameterizedTest
    @ValueSource(classes = {CvmfsPublishNotifyStep.class, CvmfsTransactionStep.class})
    void theFormOfAStepOpensWithoutAnErrorInItsRequiredField(Class<?> type) throws IOException {
        String form = Files.readString(
                RESOURCES.resolve(type.getName().replace('.', '/')).resolve("config.jelly"));

        assertThat(form)
                .contains("<f:combobox clazz=\"cvmfs-notify-required\"/>")
                .contains("<st:adjunct includes=\"io.jenkins.plugins.cvmfs.notify.config.entry\"/>");
    }

    @Test
    void noPageNeedsInlineScriptOrStyle() throws IOException {
        // Given
        List<Path> pages;
        try (Stream<Path> files = Files.walk(RESOURCES)) {
            pages = files.filter(file -> file.toString().matches(".*\\.(jelly|html)"))
                    .toList();
        }

        // When, Then
        assertThat(pages).hasSizeGreaterThan(20).allSatisfy(page -> {
            String text = Files.readString(page);
            assertThat(text).doesNotContainPattern("(?i)<script|<style|\\sstyle=|\\son[a-z]+=|javascript:");
            if (page.toString().endsWith(".jelly")) {
                assertThat(text).startsWith("<?jelly escape-by-default='true'?>");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(classes = {CvmfsNotifyConfiguration.class, RepositoryEntry.class})
    void whatCanBeAddedInAFormCanBeDeletedThere(Class<?> type) throws IOException {
        String form = Files.readString(
                RESOURCES.resolve(type.getName().replace('.', '/')).resolve("config.jelly"));

        assertThat(form.split("<f:repeatableProperty ", -1))
                .hasSizeGreaterThan(1)
                .hasSameSizeAs(form.split("<f:repeatableDeleteButton", -1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"config", "steps", "trigger"})
    void everyMessageIsUsed(String name) throws IOException {
        // Given
        String sources = sources(Path.of("src/main/java/io/jenkins/plugins/cvmfs/notify", name));
        Properties messages = new Properties();
        try (InputStream in = Files.newInputStream(
                RESOURCES.resolve("io/jenkins/plugins/cvmfs/notify/" + name + "/Messages.properties"))) {
            messages.load(in);
        }

        // When
        List<String> unused = messages.stringPropertyNames().stream()
                .filter(key -> !sources.contains("Messages." + key.replace('.', '_') + "("))
                .toList();

        // Then
        assertThat(messages).isNotEmpty();
        assertThat(unused).isEmpty();
    }

    private static String sources(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            StringBuilder text = new StringBuilder();
            for (Path file : files.toList()) {
                text.append(Files.readString(file));
            }
            return text.toString();
        }
    }

    @Test
    void theIndexOfSymbolsNamesTheClassesThatHaveOne() throws IOException {
        // Given
        Stream<Class<?>> candidates = Stream.of(
                CvmfsNotifyConfiguration.class,
                CvmfsPublishNotifyStep.DescriptorImpl.class,
                CvmfsTransactionStep.DescriptorImpl.class,
                WaitForCvmfsRevisionStep.DescriptorImpl.class,
                CvmfsRevisionTrigger.DescriptorImpl.class);

        // When
        String index = Files.readString(RESOURCES.resolve("META-INF/services/annotations/org.jenkinsci.Symbol"));

        // Then
        assertThat(index.lines())
                .containsExactlyElementsOf(candidates
                        .filter(type -> type.isAnnotationPresent(Symbol.class))
                        .map(Class::getName)
                        .toList());
        String sources = sources(Path.of("src/main/java/io/jenkins/plugins/cvmfs/notify/config"))
                + sources(Path.of("src/main/java/io/jenkins/plugins/cvmfs/notify/steps"))
                + sources(Path.of("src/main/java/io/jenkins/plugins/cvmfs/notify/trigger"));
        assertThat(sources.split("@Symbol\\(", -1)).hasSize(6);
    }

    @Test
    void theIndexOfExportedBeansNamesTheClassesOfTheRemoteApi() throws Exception {
        List<String> index = Files.readAllLines(
                RESOURCES.resolve("META-INF/services/annotations/org.kohsuke.stapler.export.ExportedBean"));

        // Jenkins' own class of causes has the annotation, which subclasses inherit.
        String inherited = CvmfsRevisionCause.class.getName();
        assertThat(index).isSorted().contains(inherited);
        int declared = 0;
        for (String name : index) {
            Class<?> type = Class.forName(name);
            assertThat(name.equals(inherited) || type.isAnnotationPresent(ExportedBean.class))
                    .as(name)
                    .isTrue();
            declared += type.getDeclaredAnnotation(ExportedBean.class) == null ? 0 : 1;
        }
        String sources = sources(Path.of("src/main/java/io/jenkins/plugins/cvmfs/notify/page"));
        assertThat(sources.split("\n *@ExportedBean", -1)).hasSize(declared + 1);
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                CvmfsNotifyConfiguration.class,
                ServerEntry.DescriptorImpl.class,
                RepositoryEntry.DescriptorImpl.class,
                ReplicaEntry.DescriptorImpl.class,
                CvmfsPublishNotifyStep.DescriptorImpl.class,
                CvmfsTransactionStep.DescriptorImpl.class,
                WaitForCvmfsRevisionStep.DescriptorImpl.class,
                CvmfsRevisionTrigger.DescriptorImpl.class
            })
    void everyWebMethodTakesPostOnly(Class<?> descriptor) {
        // Given
        List<Method> methods = Arrays.stream(descriptor.getMethods())
                .filter(method -> method.getName().matches("do[A-Z].*"))
                .filter(method -> method.getDeclaringClass().getName().startsWith("io.jenkins.plugins.cvmfs.notify."))
                .toList();

        // When
        String open = methods.stream()
                .filter(method -> !method.isAnnotationPresent(POST.class))
                .map(Method::getName)
                .collect(Collectors.joining(", "));

        // Then
        assertThat(methods).isNotEmpty();
        assertThat(open).isEmpty();
    }
}
