package io.jenkins.plugins.cvmfs.notify.steps;

import hudson.Extension;
import hudson.model.Descriptor;
import hudson.model.Item;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.config.Directory;
import io.jenkins.plugins.cvmfs.notify.config.TypedText;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import jenkins.model.Jenkins;
import net.sf.json.JSONObject;
import org.jenkinsci.Symbol;
import org.jenkinsci.plugins.workflow.graph.FlowNode;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.StaplerRequest2;
import org.kohsuke.stapler.verb.POST;

/** {@code waitForCvmfsRevision}: the parameters, and the form of the Snippet Generator. Its value is a {@link ReachedRevision}. */
public final class WaitForCvmfsRevisionStep extends CvmfsStep {

    private static final String FUNCTION = "waitForCvmfsRevision";

    private final String repository;
    private @Nullable Long revision;
    private @Nullable Long after;
    private @Nullable String rootHash;
    private List<String> replicas = List.of();
    private String require = Requirement.ALL.text();
    private int timeout = 60;
    private TimeUnit unit = TimeUnit.MINUTES;
    private String onTimeout = OnTimeout.FAIL.word();
    private String onStale = StalePolicy.WAIT.toString();

    /** @param repository the fully qualified name; a pipeline that forgets it gives null, and is told so at the start */
    @DataBoundConstructor
    public WaitForCvmfsRevisionStep(@Nullable String repository) {
        super(FUNCTION);
        this.repository = TypedText.or(repository, "");
    }

    /** The fully qualified name. */
    public String getRepository() {
        return repository;
    }

    /** This revision or a newer one; null if something else is waited for. */
    public @Nullable Long getRevision() {
        return revision;
    }

    /** Not below zero. */
    @DataBoundSetter
    public void setRevision(@Nullable Long revision) {
        this.revision = revision;
    }

    /** Any revision newer than this one; null if something else is waited for. */
    public @Nullable Long getAfter() {
        return after;
    }

    /** Not below zero. */
    @DataBoundSetter
    public void setAfter(@Nullable Long after) {
        this.after = after;
    }

    /** The revision with this root catalog; null if something else is waited for. */
    public @Nullable String getRootHash() {
        return rootHash;
    }

    /** As it stands in the manifest. */
    @DataBoundSetter
    public void setRootHash(@Nullable String rootHash) {
        this.rootHash = TypedText.of(rootHash);
    }

    /** The replicas to watch; empty for all that are configured. */
    public List<String> getReplicas() {
        return replicas;
    }

    /** Names, or URLs where an administrator allows them. */
    @DataBoundSetter
    public void setReplicas(@Nullable List<String> replicas) {
        this.replicas = replicas == null ? List.of() : List.copyOf(replicas);
    }

    /** How many of them: {@code all}, {@code majority}, {@code any} or a number. */
    public Comparable<?> getRequire() {
        return require;
    }

    /** Text or a number; blank for all. Both are comparable, and Declarative Pipeline takes literals only of a fitting type. */
    @DataBoundSetter
    public void setRequire(@Nullable Comparable<?> require) {
        this.require = TypedText.or(require == null ? null : require.toString(), Requirement.ALL.text());
    }

    /** How long to wait at most, in {@link #getUnit}. */
    public int getTimeout() {
        return timeout;
    }

    /** Above zero. */
    @DataBoundSetter
    public void setTimeout(int timeout) {
        this.timeout = timeout;
    }

    /** The unit of {@link #getTimeout}; minutes unless set. */
    public TimeUnit getUnit() {
        return unit;
    }

    /** Null for minutes. */
    @DataBoundSetter
    public void setUnit(@Nullable TimeUnit unit) {
        this.unit = unit == null ? TimeUnit.MINUTES : unit;
    }

    /** {@code fail}, {@code unstable} or {@code continue}. */
    public String getOnTimeout() {
        return onTimeout;
    }

    /** Blank for fail. */
    @DataBoundSetter
    public void setOnTimeout(@Nullable String onTimeout) {
        this.onTimeout = TypedText.or(onTimeout, OnTimeout.FAIL.word());
    }

    /** What to do when the revision was withdrawn: {@code wait}, {@code skip} or {@code fail}. */
    public String getOnStale() {
        return onStale;
    }

    /** Blank for wait. */
    @DataBoundSetter
    public void setOnStale(@Nullable String onStale) {
        this.onStale = TypedText.or(onStale, StalePolicy.WAIT.toString());
    }

    private WaitRequest request() {
        Duration limit = Duration.of(timeout, unit.toChronoUnit());
        return new WaitRequest(
                repository, revision, after, rootHash, replicas, require, limit, onTimeout, onStale, getServer());
    }

    @Override
    StepExecution begin(StepContext context, Directory directory, Instant now) {
        return new WaitForCvmfsRevisionExecution(context, request().begin(directory, now));
    }

    /** What Pipeline and its forms know of the step. */
    @Extension
    @Symbol(FUNCTION)
    public static final class DescriptorImpl extends CvmfsStepDescriptor {

        @Override
        public String getFunctionName() {
            return FUNCTION;
        }

        @Override
        public String getDisplayName() {
            return Messages.WaitForCvmfsRevisionStep_DisplayName();
        }

        @Override
        public Set<? extends Class<?>> getRequiredContext() {
            return Set.of(FlowNode.class, Run.class, TaskListener.class);
        }

        @Override
        public @Nullable String argumentsToString(Map<String, Object> namedArgs) {
            return StepForm.firstOf(namedArgs, "repository");
        }

        @Override
        public Step newInstance(@Nullable StaplerRequest2 req, JSONObject form) throws Descriptor.FormException {
            // Stapler cannot make something comparable of a text.
            Object require = form.remove("require");
            Step step = super.newInstance(req, form);
            if (step instanceof WaitForCvmfsRevisionStep wait && require instanceof String text) {
                wait.setRequire(text);
            }
            return step;
        }

        /** The replicas as one text, for the form. */
        public String join(List<String> replicas) {
            return String.join(", ", replicas);
        }

        /** Judges the name while it is typed. */
        @POST
        public FormValidation doCheckRepository(
                @AncestorInPath @Nullable Item item, @QueryParameter String value, @QueryParameter String replicas) {
            return StepForm.check(
                    item,
                    () -> WaitForm.repository(value),
                    directory -> WaitForm.repository(directory, value, replicas));
        }

        /** Judges the number while it is typed, and that something is waited for. */
        @POST
        public FormValidation doCheckRevision(
                @AncestorInPath @Nullable Item item,
                @QueryParameter String value,
                @QueryParameter String after,
                @QueryParameter String rootHash) {
            return StepForm.check(item, () -> {
                WaitForm.target(value, after, rootHash);
                WaitForm.revision(value);
            });
        }

        /** Judges the number while it is typed. */
        @POST
        public FormValidation doCheckAfter(@AncestorInPath @Nullable Item item, @QueryParameter String value) {
            return StepForm.check(item, () -> WaitForm.revision(value));
        }

        /** Judges the hash while it is typed. */
        @POST
        public FormValidation doCheckRootHash(@AncestorInPath @Nullable Item item, @QueryParameter String value) {
            return StepForm.check(item, () -> WaitForm.rootHash(value));
        }

        /** Looks the names up while they are typed. */
        @POST
        public FormValidation doCheckReplicas(
                @AncestorInPath @Nullable Item item, @QueryParameter String value, @QueryParameter String repository) {
            return StepForm.check(item, () -> {}, directory -> WaitForm.replicas(directory, value, repository));
        }

        /** Judges the requirement while it is typed. */
        @POST
        public FormValidation doCheckRequire(
                @AncestorInPath @Nullable Item item,
                @QueryParameter String value,
                @QueryParameter String repository,
                @QueryParameter String replicas) {
            return StepForm.check(
                    item,
                    () -> WaitForm.require(value),
                    directory -> WaitForm.require(directory, value, repository, replicas));
        }

        /** Judges the number while it is typed. */
        @POST
        public FormValidation doCheckTimeout(
                @AncestorInPath @Nullable Item item, @QueryParameter String value, @QueryParameter String unit) {
            return StepForm.check(item, () -> WaitForm.timeout(value, unit));
        }

        /** Seconds to days: what a replication takes. */
        @POST
        public ListBoxModel doFillUnitItems() {
            Jenkins.get().checkPermission(Jenkins.READ);
            ListBoxModel model = new ListBoxModel();
            model.add(Messages.WaitForCvmfsRevisionStep_Seconds(), TimeUnit.SECONDS.name());
            model.add(Messages.WaitForCvmfsRevisionStep_Minutes(), TimeUnit.MINUTES.name());
            model.add(Messages.WaitForCvmfsRevisionStep_Hours(), TimeUnit.HOURS.name());
            model.add(Messages.WaitForCvmfsRevisionStep_Days(), TimeUnit.DAYS.name());
            return model;
        }

        /** What a time-out may do. */
        @POST
        public ListBoxModel doFillOnTimeoutItems() {
            Jenkins.get().checkPermission(Jenkins.READ);
            ListBoxModel model = new ListBoxModel();
            model.add(Messages.WaitForCvmfsRevisionStep_TimeoutFail(), OnTimeout.FAIL.word());
            model.add(Messages.WaitForCvmfsRevisionStep_TimeoutUnstable(), OnTimeout.UNSTABLE.word());
            model.add(Messages.WaitForCvmfsRevisionStep_TimeoutContinue(), OnTimeout.CONTINUE.word());
            return model;
        }

        /** What a withdrawn revision may do. */
        @POST
        public ListBoxModel doFillOnStaleItems() {
            Jenkins.get().checkPermission(Jenkins.READ);
            ListBoxModel model = new ListBoxModel();
            model.add(Messages.WaitForCvmfsRevisionStep_StaleWait(), StalePolicy.WAIT.toString());
            model.add(Messages.WaitForCvmfsRevisionStep_StaleSkip(), StalePolicy.SKIP.toString());
            model.add(Messages.WaitForCvmfsRevisionStep_StaleFail(), StalePolicy.FAIL.toString());
            return model;
        }
    }
}
