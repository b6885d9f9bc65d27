package io.jenkins.plugins.cvmfs.notify.steps;

import hudson.AbortException;
import hudson.model.Descriptor;
import hudson.model.Item;
import hudson.model.Run;
import hudson.util.ComboBoxModel;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.FormFields;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import net.sf.json.JSONObject;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepDescriptor;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.StaplerRequest2;
import org.kohsuke.stapler.verb.POST;

/** The common part of the steps: a notification server, and one sentence for a mistake in the parameters. */
public abstract class CvmfsStep extends Step {

    private final String function;
    private @Nullable String server;

    /** @param function the step's name in pipelines */
    CvmfsStep(String function) {
        this.function = function;
    }

    /** The name of the notification server; null for the repository's server, else the only one. */
    public final @Nullable String getServer() {
        return server;
    }

    /** A name, or a URL where an administrator allows that. */
    @DataBoundSetter
    public final void setServer(@Nullable String server) {
        this.server = FormFields.text(server);
    }

    @Override
    public final StepExecution start(StepContext context) throws IOException, InterruptedException {
        try {
            return execution(
                    context,
                    CvmfsNotifyConfiguration.get().sites(context.get(Run.class).getParent()),
                    Clock.systemUTC().instant());
        } catch (InvalidInputException e) {
            throw new AbortException(function + ": " + e.getMessage());
        }
    }

    /** @throws InvalidInputException if a parameter is wrong, or names what is not configured */
    abstract StepExecution execution(StepContext context, ConfiguredSites sites, Instant now)
            throws IOException, InterruptedException;

    /** Describes the steps to Pipeline and its forms. */
    public abstract static class CvmfsStepDescriptor extends StepDescriptor {

        CvmfsStepDescriptor() {}

        @Override
        public Step newInstance(@Nullable StaplerRequest2 req, JSONObject form) throws Descriptor.FormException {
            return super.newInstance(req, StepForms.tidy(form));
        }

        /** Returns what the step is about, for one line in views of the pipeline. */
        @Override
        public final @Nullable String argumentsToString(Map<String, Object> namedArgs) {
            return Stream.of("repository", "repositoryUrl", "manifestFile")
                    .flatMap(name -> Stream.ofNullable(namedArgs.get(name)))
                    .map(Object::toString)
                    .findFirst()
                    .orElse(null);
        }

        @POST
        public final ComboBoxModel doFillRepositoryItems(@AncestorInPath @Nullable Item item) {
            return new ComboBoxModel(FormFields.repositories(item));
        }

        /** Checks that the server is configured; if none is chosen, that there is one for the repository. */
        @POST
        public final FormValidation doCheckServer(
                @AncestorInPath @Nullable Item item, @QueryParameter String value, @QueryParameter String repository) {
            return FormFields.check(item, () -> {}, sites -> StepForms.server(sites, value, repository));
        }

        @POST
        public final ListBoxModel doFillServerItems(
                @AncestorInPath @Nullable Item item, @QueryParameter String server) {
            return FormFields.servers(item, server);
        }
    }
}
