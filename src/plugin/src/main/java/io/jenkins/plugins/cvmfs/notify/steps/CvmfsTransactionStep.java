package io.jenkins.plugins.cvmfs.notify.steps;

import hudson.EnvVars;
import hudson.Extension;
import hudson.FilePath;
import hudson.Launcher;
import hudson.model.Descriptor;
import hudson.model.Item;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.util.FormValidation;
import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import io.jenkins.plugins.cvmfs.notify.config.FormFields;
import io.jenkins.plugins.cvmfs.notify.connection.JenkinsNetwork;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import net.sf.json.JSONObject;
import org.jenkinsci.Symbol;
import org.jenkinsci.plugins.workflow.graph.FlowNode;
import org.jenkinsci.plugins.workflow.steps.BodyExecution;
import org.jenkinsci.plugins.workflow.steps.BodyExecutionCallback;
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

/**
 * {@code cvmfsTransaction} runs its body in a transaction of a repository on a publisher, then publishes and announces; if the body
 * fails, it aborts the transaction. The parameters, the execution, and the form of the Snippet Generator. Its value is a {@link
 * PublishedRevision}.
 */
public final class CvmfsTransactionStep extends CvmfsStep {

    private static final String FUNCTION = "cvmfsTransaction";
    private static final String DEFAULT_LEASE_TIMEOUT = "1h";

    private final String repository;
    private @Nullable String tag;
    private @Nullable String message;
    private Comparable<?> leaseTimeout = DEFAULT_LEASE_TIMEOUT;

    /** @param repository the fully qualified name of a configured repository */
    @DataBoundConstructor
    public CvmfsTransactionStep(@Nullable String repository) {
        super(FUNCTION);
        this.repository = FormFields.text(repository, "");
    }

    public String getRepository() {
        return repository;
    }

    /** The name of the snapshot that is published; null for none. */
    public @Nullable String getTag() {
        return tag;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setTag(@Nullable String tag) {
        this.tag = FormFields.text(tag);
    }

    /** The description of the snapshot; null for none. */
    public @Nullable String getMessage() {
        return message;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setMessage(@Nullable String message) {
        this.message = FormFields.text(message);
    }

    /** For how long a busy repository is tried again, such as {@code 90m}; a number is in minutes. */
    public Comparable<?> getLeaseTimeout() {
        return leaseTimeout;
    }

    /** Text or a number, which are both comparable: Declarative Pipeline accepts literals only of a fitting type. Blank for an hour. */
    @DataBoundSetter
    public void setLeaseTimeout(@Nullable Comparable<?> leaseTimeout) {
        this.leaseTimeout = TimeLimit.tidy(leaseTimeout, DEFAULT_LEASE_TIMEOUT);
    }

    @Override
    StepExecution execution(StepContext context, ConfiguredSites sites, Instant now)
            throws IOException, InterruptedException {
        String node = context.get(EnvVars.class).get("NODE_NAME");
        return new Execution(context, prepare(sites, now, node == null ? "the agent" : node));
    }

    /**
     * Checks the parameters: what would keep the revision from being announced fails the step before anything is opened.
     *
     * @throws InvalidInputException if one is wrong, or names what is not configured
     */
    TransactionState prepare(ConfiguredSites sites, Instant now, String node) {
        RepositoryName name = WaitForCvmfsRevisionStep.repositoryName(repository);
        sites.stratum0(name);
        sites.announcer(getServer(), name);
        sites.checkVerification(name, true);
        checkTag(tag);
        return new TransactionState(
                name.value(), tag, message, getServer(), node, now.plus(leaseLimit(leaseTimeout)), now);
    }

    private static Duration leaseLimit(Comparable<?> leaseTimeout) {
        return TimeLimit.parse("leaseTimeout", leaseTimeout, TimeUnit.MINUTES.name());
    }

    private static void checkTag(@Nullable String tag) {
        if (tag != null && !tag.matches("[A-Za-z0-9_.][A-Za-z0-9_.-]*")) {
            throw new InvalidInputException(
                    "tag is '%s', must have letters, digits, dots, underscores and hyphens only, and not begin with a hyphen"
                            .formatted(Excerpt.of(tag)));
        }
    }

    /** Runs a {@link TransactionRun}. Only the {@link TransactionState} and the body survive restarts. */
    static final class Execution extends StepExecution {

        private static final long serialVersionUID = 1L;

        /** The parts of the build's page. */
        private static final int TRANSACTION = 0;

        private static final int ANNOUNCEMENT = 1;

        private final TransactionState state;
        private volatile @Nullable BodyExecution body;

        private transient @Nullable TransactionRun run;
        /** Set with the run. */
        private transient @Nullable PipelineBuild page;

        private transient volatile @Nullable PublishRun announcing;

        Execution(StepContext context, TransactionState state) {
            super(context);
            this.state = state;
        }

        private synchronized TransactionRun run() {
            TransactionRun known = run;
            if (known == null) {
                JenkinsNetwork network = JenkinsNetwork.get();
                JenkinsNetwork.Use use = network.use();
                PipelineBuild build =
                        new PipelineBuild(getContext(), network::isClosed, network.agentThreads(), ended -> {
                            use.close();
                            try {
                                keep(ended);
                            } finally {
                                new AgentShell(getContext(), state, ended).cleanUp();
                            }
                        });
                known = new TransactionRun(
                        state, build, new Outside(network, use, build), network.agentThreads(), Clock.systemUTC());
                run = known;
                page = build;
            }
            return known;
        }

        /** Saves the last state of the transaction, and of its announcement, if there was one. */
        private void keep(PipelineBuild build) {
            PublishRun announced = announcing;
            if (state.phase() == TransactionState.Phase.ANNOUNCING) {
                build.ended(ANNOUNCEMENT, announced == null ? null : announced.record());
            }
            build.ended(TRANSACTION, run().record());
        }

        @Override
        public boolean start() {
            begin();
            return false;
        }

        @Override
        public void onResume() {
            begin();
        }

        private void begin() {
            TransactionRun begun = run();
            PipelineBuild build = Objects.requireNonNull(page);
            build.whenAbleToBlock(null, () -> {
                build.follow(TRANSACTION, begun::record);
                begun.begin();
            });
        }

        @Override
        public void stop(Throwable cause) {
            run().stop(cause);
        }

        @Override
        public String getStatus() {
            return run().status();
        }

        /** Pipeline and the agent, as the run needs them. */
        private final class Outside implements TransactionRun.Surroundings {

            private final JenkinsNetwork network;
            private final JenkinsNetwork.Use use;
            private final PipelineBuild build;
            private final AgentShell shell;

            Outside(JenkinsNetwork network, JenkinsNetwork.Use use, PipelineBuild build) {
                this.network = network;
                this.use = use;
                this.build = build;
                this.shell = new AgentShell(getContext(), state, build);
            }

            @Override
            public @Nullable Integer look() {
                return shell.look();
            }

            @Override
            public void kill() {
                shell.kill();
            }

            @Override
            public void startBody() {
                body = getContext()
                        .newBodyInvoker()
                        .withCallback(new BodyCallback(Execution.this))
                        .start();
            }

            @Override
            public void cancelBody(Throwable cause) {
                BodyExecution running = body;
                if (running != null) {
                    running.cancel(cause);
                }
            }

            @Override
            public PublishRun announcement(PublishState announcement, Consumer<BuildHandle.Ending> whenEnded) {
                return new PublishRun(
                        announcement,
                        build,
                        new CvmfsPublishNotifyStep.Resources(getContext(), build, network.publishThreads(), use),
                        Clock.systemUTC(),
                        whenEnded);
            }

            @Override
            public void announce(PublishRun announcement) {
                announcing = announcement;
                build.follow(ANNOUNCEMENT, announcement::record);
                announcement.begin(build.sites());
            }

            @Override
            public void fail(Throwable cause, @Nullable String lastLine) {
                build.abort(cause, lastLine, () -> {});
            }
        }
    }

    /** Saved with the body. Pipeline calls it on its own threads. */
    private static final class BodyCallback extends BodyExecutionCallback {

        private static final long serialVersionUID = 1L;

        private final Execution execution;

        BodyCallback(Execution execution) {
            this.execution = execution;
        }

        @Override
        public void onStart(StepContext context) {
            execution.state.bodyStarted();
        }

        @Override
        public void onSuccess(StepContext context, Object result) {
            execution.run().bodyEnded(null);
        }

        @Override
        public void onFailure(StepContext context, Throwable cause) {
            execution.run().bodyEnded(cause);
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
            return Messages.CvmfsTransactionStep_DisplayName();
        }

        @Override
        public boolean takesImplicitBlockArgument() {
            return true;
        }

        @Override
        public Set<? extends Class<?>> getRequiredContext() {
            return Set.of(Run.class, TaskListener.class, FlowNode.class, FilePath.class, Launcher.class, EnvVars.class);
        }

        @Override
        public Step newInstance(@Nullable StaplerRequest2 req, JSONObject form) throws Descriptor.FormException {
            // Stapler cannot convert a text to a Comparable.
            Object leaseTimeout = form.remove("leaseTimeout");
            Step step = super.newInstance(req, form);
            if (step instanceof CvmfsTransactionStep transaction) {
                transaction.setLeaseTimeout(leaseTimeout instanceof String text ? text : null);
            }
            return step;
        }

        @POST
        public FormValidation doCheckRepository(@AncestorInPath @Nullable Item item, @QueryParameter String value) {
            return FormFields.check(
                    item,
                    () -> WaitForCvmfsRevisionStep.repositoryName(value),
                    sites -> StepForms.repositoryName(value).ifPresent(sites::stratum0));
        }

        @POST
        public FormValidation doCheckTag(@AncestorInPath @Nullable Item item, @QueryParameter String value) {
            return FormFields.check(item, () -> checkTag(FormFields.text(value)));
        }

        @POST
        public FormValidation doCheckLeaseTimeout(@AncestorInPath @Nullable Item item, @QueryParameter String value) {
            return FormFields.check(item, () -> {
                var unused = leaseLimit(TimeLimit.tidy(value, DEFAULT_LEASE_TIMEOUT));
            });
        }
    }
}
