package io.jenkins.plugins.cvmfs.notify.trigger;

import hudson.Extension;
import hudson.model.AutoCompletionCandidates;
import hudson.model.Descriptor;
import hudson.model.Item;
import hudson.model.Job;
import hudson.triggers.Trigger;
import hudson.triggers.TriggerDescriptor;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import io.jenkins.plugins.cvmfs.notify.config.FormFields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jenkins.model.ParameterizedJobMixIn;
import net.sf.json.JSONObject;
import org.jenkinsci.Symbol;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.StaplerRequest2;
import org.kohsuke.stapler.verb.POST;

/**
 * {@code cvmfsRevision} builds a job when a repository has a new revision: the parameters and their form. The build has a {@link
 * CvmfsRevisionCause}. Jobs save the names of this class and of its fields.
 */
public final class CvmfsRevisionTrigger extends Trigger<Job<?, ?>> {

    private static final int MAX_REPOSITORIES = 100;
    private static final int MAX_QUIET_SECONDS = 24 * 60 * 60;
    private static final Pattern RATE = Pattern.compile("([1-9][0-9]{0,3}) ?/ ?(minute|hour|day)");

    private final String repository;
    private final List<String> replicas = new ArrayList<>();
    private @Nullable String require;
    private int quietPeriod;
    private @Nullable String maxRate;
    private boolean everyRevision;
    private boolean buildExisting;
    private @Nullable String server;
    private transient @Nullable Job<?, ?> startedFor;

    /**
     * @param repository the fully qualified name; several with commas or blanks between them
     * @throws InvalidInputException if one is malformed, or there is none or too many
     */
    @DataBoundConstructor
    public CvmfsRevisionTrigger(@Nullable String repository) {
        this.repository = FormFields.text(repository, "");
        var unused = repositories(this.repository);
    }

    private static List<RepositoryName> repositories(String typed) {
        List<RepositoryName> names = FormFields.names(typed).stream()
                .distinct()
                .map(RepositoryName::new)
                .toList();
        if (names.isEmpty() || names.size() > MAX_REPOSITORIES) {
            throw new InvalidInputException(
                    "cvmfsRevision: repository names %d repositories, must name from 1 to %d, such as sw.example.org"
                            .formatted(names.size(), MAX_REPOSITORIES));
        }
        return names;
    }

    public String getRepository() {
        return repository;
    }

    /** The replicas that count; empty for all that are configured, or if nothing is required for where it is published. */
    public List<String> getReplicas() {
        return List.copyOf(replicas);
    }

    /** Names, or URLs where an administrator allows them. */
    @DataBoundSetter
    public void setReplicas(@Nullable List<String> replicas) {
        this.replicas.clear();
        this.replicas.addAll(replicas == null ? List.of() : replicas);
    }

    /** The number of replicas required: {@code all}, {@code majority}, {@code any} or a number; null if it is not set. */
    public @Nullable Comparable<?> getRequire() {
        return require;
    }

    /**
     * Text or a number, which are both comparable: Declarative Pipeline accepts literals only of a fitting type. Blank for all, if
     * replicas are set.
     *
     * @throws InvalidInputException if it is anything else
     */
    @DataBoundSetter
    public void setRequire(@Nullable Comparable<?> require) {
        this.require = FormFields.text(require);
        var unused = requirement(this.require);
    }

    private static @Nullable Requirement requirement(@Nullable String require) {
        return require == null ? null : FormFields.requirement("cvmfsRevision: require", require);
    }

    /** The seconds to collect revisions after the first, before a build starts; 0 unless set. */
    public int getQuietPeriod() {
        return quietPeriod;
    }

    /**
     * From 0 to a day.
     *
     * @throws InvalidInputException if it is anything else
     */
    @DataBoundSetter
    public void setQuietPeriod(int seconds) {
        if (seconds < 0 || seconds > MAX_QUIET_SECONDS) {
            throw new InvalidInputException(
                    "cvmfsRevision: quietPeriod is %d s, must be from 0 to %d".formatted(seconds, MAX_QUIET_SECONDS));
        }
        this.quietPeriod = seconds;
    }

    /** The most builds in a time, such as {@code 4/hour}; null for any number. */
    public @Nullable String getMaxRate() {
        return maxRate;
    }

    /**
     * A number, a slash and {@code minute}, {@code hour} or {@code day}; blank for any number of builds.
     *
     * @throws InvalidInputException if it is anything else
     */
    @DataBoundSetter
    public void setMaxRate(@Nullable String maxRate) {
        this.maxRate = FormFields.text(maxRate);
        var unused = spacing(this.maxRate);
    }

    private static Duration spacing(@Nullable String maxRate) {
        if (maxRate == null) {
            return Duration.ZERO;
        }
        Matcher rate = RATE.matcher(maxRate);
        if (!rate.matches()) {
            throw new InvalidInputException(
                    "cvmfsRevision: maxRate is '%s', must be a number of builds a minute, hour or day, such as 4/hour"
                            .formatted(Excerpt.of(maxRate)));
        }
        Duration time = switch (rate.group(2)) {
            case "minute" -> Duration.ofMinutes(1);
            case "hour" -> Duration.ofHours(1);
            default -> Duration.ofDays(1);
        };
        return time.dividedBy(Integer.parseInt(rate.group(1)));
    }

    /** Returns true for a build for each revision, false for one for the newest of several; false unless set. */
    public boolean isEveryRevision() {
        return everyRevision;
    }

    @DataBoundSetter
    public void setEveryRevision(boolean everyRevision) {
        this.everyRevision = everyRevision;
    }

    /** Returns true if the revision that exists when the trigger is added is built too; false unless set. */
    public boolean isBuildExisting() {
        return buildExisting;
    }

    @DataBoundSetter
    public void setBuildExisting(boolean buildExisting) {
        this.buildExisting = buildExisting;
    }

    /** The name of the notification server; null for the repository's server, else the only one. */
    public @Nullable String getServer() {
        return server;
    }

    /** A name, or a URL where an administrator allows that. */
    @DataBoundSetter
    public void setServer(@Nullable String server) {
        this.server = FormFields.text(server);
    }

    @Override
    public void start(Job<?, ?> project, boolean newInstance) {
        super.start(project, newInstance);
        startedFor = project;
        RevisionTriggers.get().start(project, parameters());
    }

    List<RevisionWatch.Parameters> parameters() {
        return repositories(repository).stream()
                .map(name -> new RevisionWatch.Parameters(
                        name,
                        List.copyOf(replicas),
                        requirement(require),
                        server,
                        Duration.ofSeconds(quietPeriod),
                        spacing(maxRate),
                        everyRevision,
                        buildExisting))
                .toList();
    }

    @Override
    public void stop() {
        super.stop();
        if (startedFor != null) {
            RevisionTriggers.get().stop(startedFor.getFullName());
        }
    }

    /** Describes the trigger to jobs and its form. */
    @Extension
    @Symbol("cvmfsRevision")
    public static final class DescriptorImpl extends TriggerDescriptor {

        @Override
        public String getDisplayName() {
            return Messages.CvmfsRevisionTrigger_DisplayName();
        }

        @Override
        public boolean isApplicable(Item item) {
            return item instanceof Job && item instanceof ParameterizedJobMixIn.ParameterizedJob;
        }

        /** Makes a trigger of the form; a wrong field is named in the answer. */
        @Override
        public Trigger<?> newInstance(@Nullable StaplerRequest2 req, JSONObject form) throws Descriptor.FormException {
            try {
                // The completion of the field leaves a comma at its end.
                CvmfsRevisionTrigger trigger =
                        new CvmfsRevisionTrigger(String.join(", ", FormFields.names(text(form, "repository"))));
                trigger.setReplicas(FormFields.names(text(form, "replicas")));
                trigger.setRequire(text(form, "require"));
                trigger.setQuietPeriod(quietPeriod(text(form, "quietPeriod")));
                trigger.setMaxRate(text(form, "maxRate"));
                trigger.setEveryRevision(Boolean.parseBoolean(text(form, "everyRevision")));
                trigger.setBuildExisting(Boolean.parseBoolean(text(form, "buildExisting")));
                trigger.setServer(text(form, "server"));
                return trigger;
            } catch (InvalidInputException e) {
                throw new Descriptor.FormException(e.getMessage(), "repository");
            }
        }

        private static String text(JSONObject form, String field) {
            Object value = form.opt(field);
            return value == null ? "" : value.toString();
        }

        private static int quietPeriod(String typed) {
            if (typed.isBlank()) {
                return 0;
            }
            if (!typed.trim().matches("[0-9]{1,6}")) {
                throw new InvalidInputException(Messages.CvmfsRevisionTrigger_QuietPeriod());
            }
            return Integer.parseInt(typed.trim());
        }

        /** Returns the replicas as one text, for the form. */
        public String join(List<String> replicas) {
            return String.join(", ", replicas);
        }

        /** Completes the last of the names, which have commas between them. */
        @POST
        public AutoCompletionCandidates doAutoCompleteRepository(
                @AncestorInPath @Nullable Item item, @QueryParameter String value) {
            String typed = value.replaceFirst("(?s).*[,\\s]", "");
            AutoCompletionCandidates found = new AutoCompletionCandidates();
            FormFields.repositories(item).stream()
                    .filter(name -> name.startsWith(typed))
                    .forEach(found::add);
            return found;
        }

        /** Checks the names, and that the repositories are configured. */
        @POST
        public FormValidation doCheckRepository(@AncestorInPath @Nullable Item item, @QueryParameter String value) {
            if (value.isBlank()) {
                return FormValidation.ok();
            }
            return FormFields.check(
                    item,
                    () -> repositories(value),
                    sites -> repositories(value).forEach(name -> sites.publishedAt(name)));
        }

        /** Checks that the replicas are configured. */
        @POST
        public FormValidation doCheckReplicas(
                @AncestorInPath @Nullable Item item, @QueryParameter String value, @QueryParameter String repository) {
            return FormFields.check(item, () -> {}, sites -> replicas(sites, value, repository));
        }

        /** Checks the value, and that there are as many replicas. */
        @POST
        public FormValidation doCheckRequire(
                @AncestorInPath @Nullable Item item,
                @QueryParameter String value,
                @QueryParameter String replicas,
                @QueryParameter String repository) {
            return FormFields.check(item, () -> requirement(FormFields.text(value)), sites -> {
                Requirement required = requirement(FormFields.text(value));
                if (required != null) {
                    replicas(sites, replicas, repository).forEach(required::of);
                }
            });
        }

        /** Returns the number of replicas of each repository; nothing for names that are reported beside their own field. */
        private static List<Integer> replicas(ConfiguredSites sites, String replicas, String repository) {
            List<Integer> counts = new ArrayList<>();
            for (String name : FormFields.names(repository)) {
                counts.add(sites.replicas(new RepositoryName(name), FormFields.names(replicas))
                        .size());
            }
            return counts;
        }

        @POST
        public FormValidation doCheckQuietPeriod(@AncestorInPath @Nullable Item item, @QueryParameter String value) {
            return FormFields.check(item, () -> new CvmfsRevisionTrigger("any").setQuietPeriod(quietPeriod(value)));
        }

        @POST
        public FormValidation doCheckMaxRate(@AncestorInPath @Nullable Item item, @QueryParameter String value) {
            return FormFields.check(item, () -> spacing(FormFields.text(value)));
        }

        /** Checks that the server is configured; if none is chosen, that there is one for each repository. */
        @POST
        public FormValidation doCheckServer(
                @AncestorInPath @Nullable Item item, @QueryParameter String value, @QueryParameter String repository) {
            return FormFields.check(item, () -> {}, sites -> {
                for (String name : FormFields.names(repository)) {
                    var unused = sites.server(FormFields.text(value), new RepositoryName(name));
                }
            });
        }

        @POST
        public ListBoxModel doFillServerItems(@AncestorInPath @Nullable Item item, @QueryParameter String server) {
            return FormFields.servers(item, server);
        }
    }
}
