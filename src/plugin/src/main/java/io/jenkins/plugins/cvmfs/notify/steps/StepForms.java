package io.jenkins.plugins.cvmfs.notify.steps;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import io.jenkins.plugins.cvmfs.notify.config.FormFields;
import io.jenkins.plugins.cvmfs.notify.connection.AgentSelection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import net.sf.json.JSONArray;
import net.sf.json.JSONObject;
import org.jspecify.annotations.Nullable;

/**
 * The forms of the steps in the Snippet Generator. The checks of single fields throw {@link InvalidInputException} with a
 * sentence for the user, or return; a blank field is one that is not set.
 */
final class StepForms {

    private StepForms() {}

    /** Removes blank fields, and makes a list of the replicas, which are typed as one text. */
    static JSONObject tidy(JSONObject form) {
        for (String key : List.copyOf(form.keySet())) {
            if (form.opt(key) instanceof String text) {
                if (text.isBlank()) {
                    form.remove(key);
                } else if (key.equals("replicas")) {
                    JSONArray list = new JSONArray();
                    FormFields.names(text).forEach(list::add);
                    form.put(key, list);
                }
            }
        }
        return form;
    }

    /** Returns the name; empty while it is not a valid one. */
    static Optional<RepositoryName> repositoryName(String typed) {
        try {
            return Optional.of(new RepositoryName(typed.trim()));
        } catch (InvalidInputException e) {
            return Optional.empty();
        }
    }

    /** An invalid repository name is reported beside that field only. */
    static void server(ConfiguredSites sites, String value, String repository) {
        String chosen = FormFields.text(value);
        if (chosen != null) {
            sites.server(chosen);
        } else {
            repositoryName(repository).ifPresent(name -> sites.server(null, name));
        }
    }

    /** Exactly one of the sources of a manifest must be set. */
    static void oneSource(String... values) {
        long set = Stream.of(values).filter(value -> !value.isBlank()).count();
        if (set != 1) {
            throw new InvalidInputException(
                    set == 0
                            ? Messages.CvmfsPublishNotifyStep_NoSource()
                            : Messages.CvmfsPublishNotifyStep_ManySources());
        }
    }

    /** At most one target may be set; only a root hash may have its revision beside it. Without one, the build's announcement is. */
    static void oneTarget(String revision, String after, String rootHash) {
        boolean other = !revision.isBlank() || !rootHash.isBlank();
        if (!after.isBlank() && other) {
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

    static void require(String value) {
        if (!value.isBlank()) {
            var unused = FormFields.requirement("require", value.trim());
        }
    }

    /** The path must be one of the repository, and there must be agents to look for it. */
    static void path(String value, String repository, String agents) {
        if (value.isBlank()) {
            return;
        }
        if (agents.isBlank()) {
            throw new InvalidInputException(Messages.WaitForCvmfsRevisionStep_PathWithoutAgents());
        }
        repositoryName(repository).ifPresent(name -> {
            var unused = AgentSelection.withLabel(agents, name, value.trim());
        });
    }

    /** The repository must be configured, unless the replicas are given by URL. */
    static void repository(ConfiguredSites sites, String value, String replicas) {
        if (replicas.isBlank() && !value.isBlank()) {
            sites.requireConfigured(new RepositoryName(value.trim()));
        }
    }

    /** The replicas must be configured for the repository, or be URLs where those are allowed. */
    static void replicas(ConfiguredSites sites, String value, String repository) {
        if (!value.isBlank() && !repository.isBlank()) {
            var unused = sites.replicas(new RepositoryName(repository.trim()), FormFields.names(value));
        }
    }

    /** There must be as many replicas as are required. */
    static void require(ConfiguredSites sites, String value, String repository, String replicas) {
        if (!value.isBlank() && !repository.isBlank()) {
            int count = sites.replicas(new RepositoryName(repository.trim()), FormFields.names(replicas))
                    .size();
            WaitForCvmfsRevisionStep.requireAtMost(FormFields.requirement("require", value.trim()), count);
        }
    }

    static void timeout(String value, @Nullable String unit) {
        if (value.isBlank()) {
            return;
        }
        var unused =
                TimeLimit.parse("timeout", TimeLimit.tidy(value, 60), FormFields.text(unit, TimeUnit.MINUTES.name()));
    }
}
