package io.jenkins.plugins.cvmfs.notify.config;

import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.util.List;
import jenkins.model.Jenkins;
import org.jspecify.annotations.Nullable;

/** Checks that the plugin's form fields and the parameters of its steps share. */
public final class FormFields {

    private FormFields() {}

    /** Returns the text without blanks at its ends; null if nothing is left. */
    public static @Nullable String text(@Nullable String typed) {
        return typed == null || typed.isBlank() ? null : typed.trim();
    }

    /** Returns the text without blanks at its ends; the default if nothing is left. */
    public static String text(@Nullable String typed, String otherwise) {
        String text = text(typed);
        return text == null ? otherwise : text;
    }

    /** Returns an error with the message of what the check throws. For administrators only. */
    static FormValidation check(Runnable check) {
        Jenkins.get().checkPermission(Jenkins.ADMINISTER);
        try {
            check.run();
            return FormValidation.ok();
        } catch (InvalidInputException e) {
            return FormValidation.error(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Returns the configured servers to choose from, after a line for "none chosen".
     *
     * @param current the present choice, which is listed even if that server is not configured any more
     */
    public static ListBoxModel servers(@Nullable String current) {
        ListBoxModel model = new ListBoxModel();
        model.add(Messages.FormFields_NoServer(), "");
        List<String> names = CvmfsNotifyConfiguration.get().getServers().stream()
                .map(ServerEntry::getName)
                .toList();
        names.forEach(model::add);
        if (current != null && !current.isBlank() && !names.contains(current)) {
            model.add(current);
        }
        return model;
    }
}
