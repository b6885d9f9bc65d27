package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.util.Arrays;
import java.util.Locale;

/** What becomes of the build when the time is up. */
enum OnTimeout {
    /** The step fails. */
    FAIL,
    /** The build is unstable and goes on. */
    UNSTABLE,
    /** The build goes on as if nothing had happened; the step's value says that the revision was not reached. */
    CONTINUE;

    /** @throws InvalidInputException if it is none of the words */
    static OnTimeout parse(String word) {
        return Arrays.stream(values())
                .filter(choice -> choice.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new InvalidInputException(
                        "onTimeout '%s' is neither 'fail' nor 'unstable' nor 'continue'".formatted(Excerpt.of(word))));
    }

    /** As pipelines write it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
