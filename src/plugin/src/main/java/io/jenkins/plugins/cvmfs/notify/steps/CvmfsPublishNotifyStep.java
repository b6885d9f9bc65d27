package io.jenkins.plugins.cvmfs.notify.steps;

import hudson.Extension;
import hudson.model.Item;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.util.FormValidation;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.config.Directory;
import io.jenkins.plugins.cvmfs.notify.config.TypedText;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jenkinsci.Symbol;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/** {@code cvmfsPublishNotify}: the parameters, and the form of the Snippet Generator. Its value is a {@link PublishedRevision}. */
public final class CvmfsPublishNotifyStep extends CvmfsStep {

    private static final String FUNCTION = "cvmfsPublishNotify";

    private @Nullable String repository;
    private @Nullable String repositoryUrl;
    private @Nullable String manifestFile;
    private boolean verify = true;

    /** Everything is optional, but of repository, its URL and a manifest file one must be set. */
    @DataBoundConstructor
    public CvmfsPublishNotifyStep() {
        super(FUNCTION);
    }

    /** The fully qualified name of a configured repository, whose stratum 0 is read; null if another source is set. */
    public @Nullable String getRepository() {
        return repository;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setRepository(@Nullable String repository) {
        this.repository = TypedText.of(repository);
    }

    /** The URL of a repository, where an administrator allows that; null if another source is set. */
    public @Nullable String getRepositoryUrl() {
        return repositoryUrl;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setRepositoryUrl(@Nullable String repositoryUrl) {
        this.repositoryUrl = TypedText.of(repositoryUrl);
    }

    /** The path of a {@code .cvmfspublished} in the workspace; null if another source is set. */
    public @Nullable String getManifestFile() {
        return manifestFile;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setManifestFile(@Nullable String manifestFile) {
        this.manifestFile = TypedText.of(manifestFile);
    }

    /** Whether to check the signature before, if the repository's master keys are configured; true unless set. */
    public boolean isVerify() {
        return verify;
    }

    /** False announces whatever was read, where an administrator allows that or there are no master keys. */
    @DataBoundSetter
    public void setVerify(boolean verify) {
        this.verify = verify;
    }

    @Override
    StepExecution begin(StepContext context, Directory directory, Instant now) {
        PublishRequest request = new PublishRequest(repository, repositoryUrl, manifestFile, getServer(), verify);
        return new CvmfsPublishNotifyExecution(context, request.begin(directory, now));
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
            return Messages.CvmfsPublishNotifyStep_DisplayName();
        }

        @Override
        public Set<? extends Class<?>> getRequiredContext() {
            return Set.of(Run.class, TaskListener.class);
        }

        @Override
        public @Nullable String argumentsToString(Map<String, Object> namedArgs) {
            return StepForm.firstOf(namedArgs, "repository", "repositoryUrl", "manifestFile");
        }

        /** Judges the name while it is typed, and that exactly one source is. */
        @POST
        public FormValidation doCheckRepository(
                @AncestorInPath @Nullable Item item,
                @QueryParameter String value,
                @QueryParameter String repositoryUrl,
                @QueryParameter String manifestFile) {
            return StepForm.check(
                    item,
                    () -> {
                        StepForm.requireOne(value, repositoryUrl, manifestFile);
                        if (!value.isBlank()) {
                            var unused = new RepositoryName(value.trim());
                        }
                    },
                    directory -> {
                        if (!value.isBlank()) {
                            directory.stratum0(new RepositoryName(value.trim()));
                        }
                    });
        }

        /** Judges the URL while it is typed. */
        @POST
        public FormValidation doCheckRepositoryUrl(
                @AncestorInPath @Nullable Item item,
                @QueryParameter String value,
                @QueryParameter String repository,
                @QueryParameter String manifestFile) {
            if (value.isBlank()) {
                return FormValidation.ok();
            }
            return StepForm.check(
                    item,
                    () -> {
                        StepForm.requireOne(value, repository, manifestFile);
                        Directory.webLocation(value.trim());
                    },
                    directory -> directory.given(value.trim()));
        }

        /** Warns of what the administrator does not allow. */
        @POST
        public FormValidation doCheckVerify(
                @AncestorInPath @Nullable Item item, @QueryParameter String value, @QueryParameter String repository) {
            return StepForm.check(
                    item,
                    () -> {},
                    directory -> StepForm.repositoryName(repository)
                            .ifPresent(name -> directory.keysToVerifyWith(name, Boolean.parseBoolean(value))));
        }

        /** Judges the path while it is typed. */
        @POST
        public FormValidation doCheckManifestFile(
                @AncestorInPath @Nullable Item item,
                @QueryParameter String value,
                @QueryParameter String repository,
                @QueryParameter String repositoryUrl) {
            return value.isBlank()
                    ? FormValidation.ok()
                    : StepForm.check(item, () -> StepForm.requireOne(value, repository, repositoryUrl));
        }
    }
}
