package io.jenkins.plugins.cvmfs.notify.steps;

import hudson.model.Item;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.Directory;
import io.jenkins.plugins.cvmfs.notify.config.ServerChoice;
import io.jenkins.plugins.cvmfs.notify.config.TypedText;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
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
        return check(item, reading, directory -> {});
    }

    /** The same; what looking it up in the present configuration throws is a warning, as that may still be configured. */
    static FormValidation check(@Nullable Item item, Runnable reading, Consumer<Directory> lookup) {
        if (!isGranted(item)) {
            return FormValidation.ok();
        }
        try {
            reading.run();
        } catch (InvalidInputException e) {
            return FormValidation.error(String.valueOf(e.getMessage()));
        }
        try {
            lookup.accept(CvmfsNotifyConfiguration.get().directory());
        } catch (InvalidInputException e) {
            return FormValidation.warning(String.valueOf(e.getMessage()));
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

    /** Looks whether the chosen server is still there; without a choice, whether there is one for the repository. */
    static FormValidation checkServer(@Nullable Item item, String value, String repository) {
        return check(item, () -> {}, directory -> server(directory, value, repository));
    }

    /** What is wrong with the repository's name is told beside that. */
    static void server(Directory directory, String value, String repository) {
        String chosen = TypedText.of(value);
        if (chosen != null) {
            directory.server(chosen);
        } else {
            repositoryName(repository).ifPresent(name -> directory.server(null, name));
        }
    }

    /** Empty as long as what is typed is no name. */
    static Optional<RepositoryName> repositoryName(String typed) {
        try {
            return Optional.of(new RepositoryName(typed.trim()));
        } catch (InvalidInputException e) {
            return Optional.empty();
        }
    }

    /** The Snippet Generator of a job, or that of Jenkins as a whole. */
    private static boolean isGranted(@Nullable Item item) {
        return item == null ? Jenkins.get().hasPermission(Jenkins.ADMINISTER) : item.hasPermission(Item.CONFIGURE);
    }

    /** Of these fields exactly one may be filled in. */
    static void requireOne(String... values) {
        long typed = Stream.of(values).filter(value -> !value.isBlank()).count();
        if (typed != 1) {
            throw new InvalidInputException(typed == 0 ? Messages.StepForm_NoSource() : Messages.StepForm_Alone());
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
        JSONArray list = new JSONArray();
        names(text).forEach(list::add);
        return list;
    }

    /** Separated by commas, blanks or line ends. */
    static List<String> names(String text) {
        return Stream.of(text.split("[,\\s]+")).filter(name -> !name.isEmpty()).toList();
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
