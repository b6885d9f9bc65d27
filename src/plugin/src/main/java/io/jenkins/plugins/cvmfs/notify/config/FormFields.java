package io.jenkins.plugins.cvmfs.notify.config;

import hudson.model.Item;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import jenkins.model.Jenkins;
import org.jspecify.annotations.Nullable;

/** Checks that the plugin's form fields and the parameters of its steps share. */
public final class FormFields {

    private FormFields() {}

    /** Returns the text without blanks at its ends; null if nothing is left. */
    public static @Nullable String text(@Nullable Object typed) {
        String text = Objects.toString(typed, "");
        return text.isBlank() ? null : text.trim();
    }

    /** Returns the text without blanks at its ends; the default if nothing is left. */
    public static String text(@Nullable Object typed, String otherwise) {
        return Objects.requireNonNullElse(text(typed), otherwise);
    }

    /**
     * Reads the number of replicas required.
     *
     * @param parameter its name, for the message: the client library's names its own type
     */
    public static Requirement requirement(String parameter, String typed) {
        try {
            return new Requirement(typed);
        } catch (InvalidInputException e) {
            throw new InvalidInputException(
                    "%s is '%s', must be 'all', 'majority', 'any' or a number from 1 to 9999"
                            .formatted(parameter, Excerpt.of(typed)),
                    e);
        }
    }

    /** Splits at commas, blanks and line ends. */
    public static List<String> names(String text) {
        return Stream.of(text.split("[,\\s]+")).filter(name -> !name.isEmpty()).toList();
    }

    /**
     * Returns an error with the message of what the check throws, or a warning with what the lookup in the configuration throws,
     * because that may still be configured; nothing for users who may not configure the job.
     */
    public static FormValidation check(@Nullable Item item, Runnable check, Consumer<ConfiguredSites> lookup) {
        if (!isPermitted(item)) {
            return FormValidation.ok();
        }
        try {
            check.run();
        } catch (InvalidInputException e) {
            return FormValidation.error(e.getMessage());
        }
        try {
            lookup.accept(CvmfsNotifyConfiguration.get().sites(item));
        } catch (InvalidInputException e) {
            return FormValidation.warning(e.getMessage());
        }
        return FormValidation.ok();
    }

    /** Runs a check that needs no lookup. */
    public static FormValidation check(@Nullable Item item, Runnable check) {
        return check(item, check, sites -> {});
    }

    /** Returns the names of the configured repositories; none for users who may not configure the job. */
    public static List<String> repositories(@Nullable Item item) {
        return isPermitted(item)
                ? CvmfsNotifyConfiguration.get().sites(item).repositories().stream()
                        .map(RepositoryEntry::getName)
                        .filter(name -> !name.isEmpty())
                        .distinct()
                        .toList()
                : List.of();
    }

    /** Returns the configured servers; only the chosen one for users who may not configure the job. */
    public static ListBoxModel servers(@Nullable Item item, String current) {
        if (isPermitted(item)) {
            return servers(
                    Messages.FormFields_NoServer(),
                    current,
                    CvmfsNotifyConfiguration.get().sites(item).serverNames());
        }
        ListBoxModel model = new ListBoxModel();
        model.add(current);
        return model;
    }

    /** A form of a step or trigger belongs to a job, or to Jenkins as a whole. */
    private static boolean isPermitted(@Nullable Item item) {
        return item == null ? Jenkins.get().hasPermission(Jenkins.ADMINISTER) : item.hasPermission(Item.CONFIGURE);
    }

    /**
     * Returns these servers to choose from, after a line for "none chosen".
     *
     * @param none the text of that line
     * @param current the present choice, which is listed even if that server is not configured any more
     */
    static ListBoxModel servers(String none, @Nullable String current, List<String> names) {
        ListBoxModel model = new ListBoxModel();
        model.add(none, "");
        names.forEach(model::add);
        if (current != null && !current.isBlank() && !names.contains(current)) {
            model.add(current);
        }
        return model;
    }
}
