package io.jenkins.plugins.cvmfs.notify.steps;

import hudson.model.Item;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.config.ServerChoice;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import jenkins.model.Jenkins;
import net.sf.json.JSONArray;
import net.sf.json.JSONObject;
import org.jspecify.annotations.Nullable;

/** What the forms of both steps in the Snippet Generator have in common. */
final class StepForm {

    private StepForm() {}

    /** Nothing wrong, or what reading the value throws; silent for one who may not configure the job. */
    static FormValidation check(@Nullable Item item, Runnable reading) {
        if (isGranted(item)) {
            try {
                reading.run();
            } catch (InvalidInputException e) {
                return FormValidation.error(String.valueOf(e.getMessage()));
            }
        }
        return FormValidation.ok();
    }

    /** The configured servers; only the chosen one for one who may not configure the job. */
    static ListBoxModel servers(@Nullable Item item, String current) {
        if (isGranted(item)) {
            return ServerChoice.ofAll(current);
        }
        ListBoxModel model = new ListBoxModel();
        model.add(current);
        return model;
    }

    /** The Snippet Generator of a job, or that of Jenkins as a whole. */
    private static boolean isGranted(@Nullable Item item) {
        return item == null ? Jenkins.get().hasPermission(Jenkins.ADMINISTER) : item.hasPermission(Item.CONFIGURE);
    }

    static void requireAlone(String value, String other) {
        if (!value.isBlank() && !other.isBlank()) {
            throw new InvalidInputException(Messages.StepForm_Alone());
        }
    }

    /** Leaves out what was left blank, and makes a list of the replicas, which are typed as one text. */
    static JSONObject tidy(JSONObject form) {
        for (String key : List.copyOf(form.keySet())) {
            if (form.opt(key) instanceof String text) {
                if (text.isBlank()) {
                    form.remove(key);
                } else if (key.equals("replicas")) {
                    form.put(key, list(text));
                }
            }
        }
        return form;
    }

    private static JSONArray list(String text) {
        JSONArray names = new JSONArray();
        Stream.of(text.split("[,\\s]+")).filter(name -> !name.isEmpty()).forEach(names::add);
        return names;
    }

    /** The first of these arguments that is set, for one line in the pipeline view. */
    static @Nullable String firstOf(Map<String, Object> arguments, String... names) {
        return Stream.of(names)
                .map(arguments::get)
                .filter(Objects::nonNull)
                .map(Object::toString)
                .findFirst()
                .orElse(null);
    }
}
