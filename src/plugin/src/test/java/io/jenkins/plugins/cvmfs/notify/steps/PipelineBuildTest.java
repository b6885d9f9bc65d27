package io.jenkins.plugins.cvmfs.notify.steps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.jenkins.plugins.cvmfs.notify.steps.BuildHandle.Ending;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
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
    private final AtomicReference<Optional<String>> leavingPlugin = new AtomicReference<>(Optional.empty());
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
        return new PipelineBuild(
                context, shuttingDown::get, leavingPlugin::get, threads, cleanUp, IllegalArgumentException::new);
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
        build.whenAbleToBlock("waiting", () -> build.end(new Ending.Success("value")));

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
        build(context, AT_ONCE).whenAbleToBlock(null, () -> {
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
        build(context, FULL).whenAbleToBlock(null, () -> {
            throw new AssertionError("runs although there is no room");
        });

        // Then
        assertThat(context.failures).singleElement().asString().contains("too many steps start or end");
    }

    @Test
    void whatIsDueAfterTheShutdownIsNotTriedAgain() {
        // Given
        AtomicInteger refused = new AtomicInteger();
        List<Runnable> ran = new CopyOnWriteArrayList<>();
        PipelineBuild build = build(new ScriptedContext(new IOException("not asked")), task -> {
            if (refused.incrementAndGet() == 3) {
                shuttingDown.set(true);
            }
            if (refused.get() > 10) {
                ran.add(task);
            } else {
                throw new RejectedExecutionException("full");
            }
        });

        // When
        build.later(Duration.ofMillis(1), () -> {});

        // Then
        await().until(() -> refused.get() == 3);
        await().during(Duration.ofMillis(200)).until(() -> ran.isEmpty());
        assertThat(refused).hasValue(3);
    }

    @Test
    void anAbortEndsWithItsOwnCauseAlsoIfNoThreadCanCleanUp() {
        // Given
        ScriptedContext context = new ScriptedContext(new IOException("not asked"));
        InterruptedException cause = new InterruptedException("aborted by alice");
        AtomicBoolean stopped = new AtomicBoolean();

        // When
        build(context, FULL).abort(cause, null, () -> stopped.set(true));

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
        build(context, AT_ONCE).abort(cause, null, () -> {
            throw new IllegalStateException("broken");
        });

        // Then
        assertThat(context.failures).containsExactly(cause);
    }

    @Test
    void anAbortCleansUpAlsoIfTheConsoleCannotBeWritten() {
        // Given
        ScriptedContext context = new ScriptedContext(new IOException("not asked"));
        context.console = () -> {
            throw new IllegalStateException("the disk is full");
        };
        PipelineBuild build = build(context, AT_ONCE);

        // When
        build.abort(new InterruptedException("aborted by alice"), "it is published, but not announced", () -> {});

        // Then
        assertThat(cleanedUp).containsExactly(build);
        assertThat(context.failures).hasSize(1);
    }

    @Test
    void anAbortDoesNotOvertakeThePauseOfTheStep() {
        // Given
        ScriptedContext context = new ScriptedContext(new IOException("not asked"));
        Deque<Runnable> queue = new ArrayDeque<>();
        PipelineBuild build = build(context, queue::add);
        List<String> ran = new ArrayList<>();
        build.whenAbleToBlock("waiting", () -> ran.add("the task"));

        // When
        build.abort(new InterruptedException("aborted by alice"), null, () -> ran.add("the stop"));
        List<Throwable> before = List.copyOf(context.failures);
        while (!queue.isEmpty()) {
            queue.remove().run();
        }

        // Then
        assertThat(before).isEmpty();
        assertThat(context.failures).hasSize(1);
        assertThat(ran).containsExactly("the stop", "the task");
    }

    @Test
    void aStepThatIsAbortedBeforeItBeginsDoesNothing() {
        // Given
        ScriptedContext context = new ScriptedContext(new IOException("not asked"));
        PipelineBuild build = build(context, AT_ONCE);
        build.abort(new InterruptedException("aborted by alice"), null, () -> {});

        // When
        build.whenAbleToBlock("waiting", () -> {
            throw new AssertionError("begins although it was aborted");
        });

        // Then
        assertThat(context.failures).hasSize(1);
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

    @Test
    void aStepThatIsResumedAfterTheRestartKeepsWhatItNeeds() {
        // Given
        PipelineBuild build = build(new ScriptedContext(new IOException("closed")), AT_ONCE);
        shuttingDown.set(true);

        // When
        build.end(new Ending.Failure("too many steps", null));

        // Then
        assertThat(cleanedUp).isEmpty();
    }

    @Test
    void whenJenkinsStartsAgainWithoutThePluginTheBuildIsTold() {
        // Given
        ScriptedContext context = new ScriptedContext(new IOException("closed"));
        shuttingDown.set(true);
        leavingPlugin.set(Optional.of("the plugin bouncycastle-api, which cvmfs-notify needs,"));

        // When
        build(context, AT_ONCE).end(new Ending.Failure("the wait was closed", null));

        // Then
        assertThat(context.failures).isEmpty();
        assertThat(context.logged())
                .startsWith(
                        "the plugin bouncycastle-api, which cvmfs-notify needs, was disabled or removed, so this build fails");
    }
}
