package io.jenkins.plugins.cvmfs.notify.steps;

import hudson.Extension;
import hudson.model.Item;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.util.FormValidation;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationPublisher.Receipt;
import io.jenkins.plugins.cvmfs.notify.client.transport.PublisherSettings;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import io.jenkins.plugins.cvmfs.notify.config.FormFields;
import io.jenkins.plugins.cvmfs.notify.connection.JenkinsNetwork;
import io.jenkins.plugins.cvmfs.notify.connection.ServerSettings;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.jenkinsci.Symbol;
import org.jenkinsci.plugins.workflow.steps.StepContext;
import org.jenkinsci.plugins.workflow.steps.StepExecution;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.AncestorInPath;
import org.kohsuke.stapler.DataBoundConstructor;
import org.kohsuke.stapler.DataBoundSetter;
import org.kohsuke.stapler.QueryParameter;
import org.kohsuke.stapler.verb.POST;

/**
 * {@code cvmfsPublishNotify} announces a published revision: the parameters, the execution, and the form of the Snippet
 * Generator. Its value is a {@link PublishedRevision}.
 */
public final class CvmfsPublishNotifyStep extends CvmfsStep {

    /** For how long a failed attempt is repeated. */
    static final Duration TIME_LIMIT = Duration.ofMinutes(5);

    private static final String FUNCTION = "cvmfsPublishNotify";

    private @Nullable String repository;
    private @Nullable String repositoryUrl;
    private @Nullable String manifestFile;
    private boolean verify = true;

    /** Exactly one of repository, its URL and a manifest file must be set. */
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
        this.repository = FormFields.text(repository);
    }

    /** The URL of a repository, where an administrator allows that; null if another source is set. */
    public @Nullable String getRepositoryUrl() {
        return repositoryUrl;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setRepositoryUrl(@Nullable String repositoryUrl) {
        this.repositoryUrl = FormFields.text(repositoryUrl);
    }

    /** The path of a {@code .cvmfspublished} in the workspace; null if another source is set. */
    public @Nullable String getManifestFile() {
        return manifestFile;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setManifestFile(@Nullable String manifestFile) {
        this.manifestFile = FormFields.text(manifestFile);
    }

    /** Returns true if the signature is verified before, provided that the repository's master keys are configured; the default. */
    public boolean isVerify() {
        return verify;
    }

    /** False needs an administrator's permission if master keys are configured. */
    @DataBoundSetter
    public void setVerify(boolean verify) {
        this.verify = verify;
    }

    @Override
    StepExecution execution(StepContext context, ConfiguredSites sites, Instant now) {
        return new Execution(context, prepare(sites, now));
    }

    /**
     * Checks the parameters, as far as that is possible before the manifest is read.
     *
     * @throws InvalidInputException if one is wrong, or names what is not configured
     */
    PublishState prepare(ConfiguredSites sites, Instant now) {
        if (Stream.of(repository, repositoryUrl, manifestFile)
                        .filter(Objects::nonNull)
                        .count()
                != 1) {
            throw new InvalidInputException("set exactly one of repository:, repositoryUrl: and manifestFile:");
        }
        String server = getServer();
        if (repository != null) {
            RepositoryName name = new RepositoryName(repository);
            sites.stratum0(name);
            sites.announcer(server, name);
            sites.checkVerification(name, verify);
        } else if (server != null) {
            sites.server(server);
        }
        if (repositoryUrl != null) {
            sites.given(repositoryUrl);
        }
        return new PublishState(repository, repositoryUrl, manifestFile, server, verify, now.plus(TIME_LIMIT));
    }

    /** Runs a {@link PublishRun}. Only the {@link PublishState} survives restarts. */
    static class Execution extends DetachedExecution {

        private static final long serialVersionUID = 1L;

        private final PublishState state;
        private transient volatile @Nullable PublishRun run;

        Execution(StepContext context, PublishState state) {
            super(context);
            this.state = state;
        }

        @Override
        Executor threads(JenkinsNetwork network) {
            return network.publishThreads();
        }

        @Override
        Work prepare(PipelineBuild build, JenkinsNetwork network, boolean resumed) {
            Resources resources = new Resources(getContext(), build, threads(network), network.use());
            PublishRun made = new PublishRun(state, build, resources, Clock.systemUTC(), build::end);
            run = made;
            Runnable begin = () -> {
                build.follow(0, made::record);
                made.begin(build.sites());
            };
            return new Work(null, begin, made::stop, made::status);
        }

        @Override
        void ended(PipelineBuild build) {
            PublishRun known = run;
            build.ended(0, known == null ? null : known.record());
        }
    }

    /** The environment of an announcement in a build. */
    record Resources(StepContext context, PipelineBuild build, Executor threads, JenkinsNetwork.Use network)
            implements PublishRun.Resources {

        @Override
        public RepositoryReader reader() {
            return network.reader();
        }

        @Override
        public CompletableFuture<Receipt> announce(
                ServerSettings server,
                ActivityMessage message,
                Duration timeLimit,
                PublisherSettings.RetryListener retries) {
            return network.announce(server, build.run(), message, timeLimit, retries);
        }

        @Override
        public byte[] workspaceFile(String path) {
            return WorkspaceFile.read(context, path);
        }

        @Override
        public void release() {
            network.close();
        }
    }

    /** Describes the step to Pipeline and its forms. */
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

        /** Checks the name, and that exactly one source is set. */
        @POST
        public FormValidation doCheckRepository(
                @AncestorInPath @Nullable Item item,
                @QueryParameter String value,
                @QueryParameter String repositoryUrl,
                @QueryParameter String manifestFile) {
            return FormFields.check(
                    item,
                    () -> {
                        StepForms.oneSource(value, repositoryUrl, manifestFile);
                        if (!value.isBlank()) {
                            var unused = new RepositoryName(value.trim());
                        }
                    },
                    sites -> StepForms.repositoryName(value).ifPresent(sites::stratum0));
        }

        @POST
        public FormValidation doCheckRepositoryUrl(
                @AncestorInPath @Nullable Item item,
                @QueryParameter String value,
                @QueryParameter String repository,
                @QueryParameter String manifestFile) {
            if (value.isBlank()) {
                return FormValidation.ok();
            }
            return FormFields.check(
                    item,
                    () -> {
                        StepForms.oneSource(value, repository, manifestFile);
                        ConfiguredSites.webLocation(value.trim());
                    },
                    sites -> sites.given(value.trim()));
        }

        /** Warns if the administrator does not allow it. */
        @POST
        public FormValidation doCheckVerify(
                @AncestorInPath @Nullable Item item, @QueryParameter String value, @QueryParameter String repository) {
            return FormFields.check(
                    item,
                    () -> {},
                    sites -> StepForms.repositoryName(repository)
                            .ifPresent(name -> sites.checkVerification(name, Boolean.parseBoolean(value))));
        }

        /** Checks that no other source is set. */
        @POST
        public FormValidation doCheckManifestFile(
                @AncestorInPath @Nullable Item item,
                @QueryParameter String value,
                @QueryParameter String repository,
                @QueryParameter String repositoryUrl) {
            return value.isBlank()
                    ? FormValidation.ok()
                    : FormFields.check(item, () -> StepForms.oneSource(value, repository, repositoryUrl));
        }
    }
}
