package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import org.jenkinsci.plugins.scriptsecurity.sandbox.whitelists.Whitelisted;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sandboxed pipelines may read all that the steps' values have, without approval, and can change nothing. */
final class SandboxTest {

    @ParameterizedTest
    @ValueSource(classes = {PublishedRevision.class, ReachedRevision.class, ReplicaOutcome.class})
    void everyPropertyIsWhitelistedAndThereIsNothingElse(Class<?> value) {
        // When
        List<Method> methods = Arrays.stream(value.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .filter(method -> !method.getName().equals("toString"))
                .toList();

        // Then
        assertThat(methods).hasSizeGreaterThan(4).allSatisfy(method -> {
            assertThat(method.getName()).matches("(get|is)[A-Z].*");
            assertThat(method.isAnnotationPresent(Whitelisted.class)).isTrue();
        });
    }
}
