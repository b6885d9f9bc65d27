package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.steps.BuildHandle.Ending;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A step ends, whatever cannot be read or written meanwhile. */
final class PipelineBuildTest {

    private static final Executor AT_ONCE = Runnable::run;
    private static final Executor FULL = task -> {
        throw new RejectedExecutionException("full");
    };

    private final AtomicBoolean shuttingDown = new AtomicBoolean();
    private final List<PipelineBuild> cleanedUp = new ArrayList<>();
    private Consumer<PipelineBuild> cleanUp = cleanedUp::add;

    static Stream<Exception> problems() {
        return Stream.of(
                new IOException("the disk is full"),
                new InterruptedException("somebody interrupts"),
                new IllegalStateException("the node is gone"));
    }

    @AfterEach
    void forgetInterrupts() {
        var unused = Thread.interrupted();
    }

    private PipelineBuild build(ScriptedContext context, Executor threads) {
        return new PipelineBuild(context, shuttingDown::get, threads, cleanUp, IllegalArgumentException::new);
    }

    @ParameterizedTest
    @MethodSource("problems")
    void anUnstableEndingThatCannotBeRecordedIsAFailure(Exception problem) {
        // Given
        ScriptedContext context = new ScriptedContext(problem);

        // When
        build(context, AT_ONCE).end(new Ending.Unstable("value", "late"));

        // Then
        assertThat(context.values).isEmpty();
        assertThat(context.failures).singleElement().asString().contains("the step failed while it was ending");
    }

    @ParameterizedTest
    @MethodSource("problems")
    void aPauseThatCannotBeShownKeepsNoStepFromItsEnd(Exception problem) {
        // Given
        ScriptedContext context = new ScriptedContext(problem);
        PipelineBuild build = build(context, AT_ONCE);

        // When
        build.whenAbleToBlock(() -> {
            build.pause("waiting");
            build.end(new Ending.Success("value"));
        });

        // Then
        assertThat(context.values).containsExactly("value");
        assertThat(context.failures).isEmpty();
        assertThat(cleanedUp).containsExactly(build);
    }

    @Test
    void aTaskThatThrowsAnErrorFailsTheStep() {
        // Given
        ScriptedContext context = new ScriptedContext(new IOException("not asked"));

        // When
        build(context, AT_ONCE).whenAbleToBlock(() -> {
            throw new NoClassDefFoundError("a/class/that/is/gone");
        });

        // Then
        assertThat(context.failures).singleElement().asString().contains("a/class/that/is/gone");
    }

    @Test
    void aStepForWhichThereIsNoRoomFails() {
        // Given
        ScriptedContext context = new ScriptedContext(new IOException("not asked"));

        // When
        build(context, FULL).whenAbleToBlock(() -> {
            throw new AssertionError("runs although there is no room");
        });

        // Then
        assertThat(context.failures).singleElement().asString().contains("too many steps start or end");
    }

    @Test
    void anAbortEndsWithItsOwnCauseAlsoIfNoThreadCanCleanUp() {
        // Given
        ScriptedContext context = new ScriptedContext(new IOException("not asked"));
        InterruptedException cause = new InterruptedException("aborted by alice");
        AtomicBoolean stopped = new AtomicBoolean();

        // When
        build(context, FULL).abort(cause, () -> stopped.set(true));

        // Then
        assertThat(context.failures).containsExactly(cause);
        assertThat(stopped).isTrue();
    }

    @Test
    void anAbortEndsWithItsOwnCauseAlsoIfNothingCanBeStopped() {
        // Given
        ScriptedContext context = new ScriptedContext(new IOException("not asked"));
        InterruptedException cause = new InterruptedException("aborted by alice");
        cleanUp = build -> {
            throw new IllegalStateException("broken");
        };

        // When
        build(context, AT_ONCE).abort(cause, () -> {
            throw new IllegalStateException("broken");
        });

        // Then
        assertThat(context.failures).containsExactly(cause);
    }

    @Test
    void whileJenkinsShutsDownAStepDoesNotFail() {
        // Given
        ScriptedContext context = new ScriptedContext(new IOException("closed"));
        shuttingDown.set(true);

        // When
        build(context, AT_ONCE).end(new Ending.Failure("cannot connect", null));

        // Then
        assertThat(context.failures).isEmpty();
    }
}
