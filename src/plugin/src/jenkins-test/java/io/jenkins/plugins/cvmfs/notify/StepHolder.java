package io.jenkins.plugins.cvmfs.notify;

import hudson.Extension;
import hudson.model.AbstractProject;
import hudson.tasks.BuildStepDescriptor;
import hudson.tasks.Builder;
import org.jenkinsci.plugins.workflow.steps.Step;
import org.kohsuke.stapler.DataBoundConstructor;

/** Carries a Pipeline step through the configuration form of a job, where no step belongs but in tests. */
public final class StepHolder extends Builder {

    private final Step step;

    @DataBoundConstructor
    public StepHolder(Step step) {
        this.step = step;
    }

    public Step getStep() {
        return step;
    }

    @Extension
    public static final class DescriptorImpl extends BuildStepDescriptor<Builder> {
        @Override
        public String getDisplayName() {
            return "Step";
        }

        @Override
        @SuppressWarnings("rawtypes") // So it is declared.
        public boolean isApplicable(Class<? extends AbstractProject> jobType) {
            return true;
        }
    }
}
