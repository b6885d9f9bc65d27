package io.jenkins.plugins.cvmfs.notify.steps;

import hudson.AbortException;
import hudson.model.Descriptor;
import hudson.model.Item;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.config.CvmfsNotifyConfiguration;
import io.jenkins.plugins.cvmfs.notify.config.Directory;
import io.jenkins.plugins.cvmfs.notify.config.TypedText;
import java.time.Clock;
import java.time.Instant;
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

/** What both steps have in common: a notification server, and mistakes of the pipeline's author that are told in one sentence. */
public abstract class CvmfsStep extends Step {

    private final String function;
    private @Nullable String server;

    /** @param function what pipelines call the step */
    CvmfsStep(String function) {
        this.function = function;
    }

    /** The name of the notification server; null for the repository's. */
    public final @Nullable String getServer() {
        return server;
    }

    /** Or its URL, where an administrator allows that. */
    @DataBoundSetter
    public final void setServer(@Nullable String server) {
        this.server = TypedText.of(server);
    }

    @Override
    public final StepExecution start(StepContext context) throws AbortException {
        try {
            return begin(
                    context,
                    CvmfsNotifyConfiguration.get().directory(),
                    Clock.systemUTC().instant());
        } catch (InvalidInputException e) {
            throw new AbortException(function + ": " + e.getMessage());
        }
    }

    /** @throws InvalidInputException if a parameter is wrong, or names what is not configured; a sentence for the user */
    abstract StepExecution begin(StepContext context, Directory directory, Instant now);

    /** What Pipeline and its forms know of both steps. */
    public abstract static class CvmfsStepDescriptor extends StepDescriptor {

        CvmfsStepDescriptor() {}

        @Override
        public Step newInstance(@Nullable StaplerRequest2 req, JSONObject form) throws Descriptor.FormException {
            return super.newInstance(req, StepForm.tidy(form));
        }

        /** Looks whether the server is there. */
        @POST
        public final FormValidation doCheckServer(
                @AncestorInPath @Nullable Item item, @QueryParameter String value, @QueryParameter String repository) {
            return StepForm.checkServer(item, value, repository);
        }

        /** The configured servers. */
        @POST
        public final ListBoxModel doFillServerItems(
                @AncestorInPath @Nullable Item item, @QueryParameter String server) {
            return StepForm.servers(item, server);
        }
    }
}
