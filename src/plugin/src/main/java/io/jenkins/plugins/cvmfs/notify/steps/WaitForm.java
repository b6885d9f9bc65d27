package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.config.Directory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Judges what is typed into the form of {@code waitForCvmfsRevision}: a method for each field that is not a list to choose from.
 * Each throws {@link InvalidInputException} with a sentence for the user, or returns.
 */
final class WaitForm {

    private WaitForm() {}

    static void repository(String value) {
        var unused = new RepositoryName(value.trim());
    }

    /** Whether it is configured; it must be, unless the replicas are given by URL. */
    static void repository(Directory directory, String value, String replicas) {
        if (replicas.isBlank()) {
            var unused = directory.replicas(new RepositoryName(value.trim()), List.of());
        }
    }

    /** Of the fields that say what to wait for, these were typed. */
    static void target(String revision, String after, String rootHash) {
        boolean isAfter = !after.isBlank();
        boolean isOther = !revision.isBlank() || !rootHash.isBlank();
        if (isAfter == isOther) {
            throw new InvalidInputException(Messages.WaitForCvmfsRevisionStep_OneTarget());
        }
    }

    static void revision(String value) {
        if (!value.isBlank()) {
            var unused = Revision.parse(value.trim());
        }
    }

    static void rootHash(String value) {
        if (!value.isBlank()) {
            var unused = ContentHash.parse(value.trim());
        }
    }

    /** Whether they are configured for the repository, or URLs where those are allowed. */
    static void replicas(Directory directory, String value, String repository) {
        if (!value.isBlank() && !repository.isBlank()) {
            var unused = directory.replicas(new RepositoryName(repository.trim()), StepForm.names(value));
        }
    }

    static void require(String value) {
        if (!value.isBlank()) {
            var unused = new Requirement(value.trim());
        }
    }

    /** Whether so many replicas are watched at all. */
    static void require(Directory directory, String value, String repository, String replicas) {
        if (!value.isBlank() && !repository.isBlank()) {
            int watched = directory
                    .replicas(new RepositoryName(repository.trim()), StepForm.names(replicas))
                    .size();
            var unused = new Requirement(value.trim()).of(watched);
        }
    }

    /** @param unit as the list has it */
    static void timeout(String value, String unit) {
        if (value.isBlank()) {
            return;
        }
        if (!value.trim().matches("[1-9][0-9]{0,8}")) {
            throw new InvalidInputException(Messages.WaitForCvmfsRevisionStep_Timeout());
        }
        for (TimeUnit known : TimeUnit.values()) {
            if (known.name().equals(unit)) {
                WaitRequest.requireTimeout(Duration.of(Long.parseLong(value.trim()), known.toChronoUnit()));
            }
        }
    }
}
