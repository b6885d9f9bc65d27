package io.jenkins.plugins.cvmfs.notify.steps;

import hudson.Extension;
import hudson.model.Computer;
import hudson.model.Descriptor;
import hudson.model.Item;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.model.labels.LabelExpression;
import hudson.util.FormValidation;
import hudson.util.ListBoxModel;
import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.gate.StalePolicy;
import io.jenkins.plugins.cvmfs.notify.client.gate.Target;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.config.ConfiguredSites;
import io.jenkins.plugins.cvmfs.notify.config.FormFields;
import io.jenkins.plugins.cvmfs.notify.connection.AgentSelection;
import io.jenkins.plugins.cvmfs.notify.connection.JenkinsNetwork;
import io.jenkins.plugins.cvmfs.notify.steps.WaitState.OnTimeout;
import io.jenkins.plugins.cvmfs.notify.trigger.CvmfsRevisionCause;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

/**
 * {@code waitForCvmfsRevision} pauses a pipeline until a revision can be read on the replicas or agents that matter: the parameters, the
 * execution, and the form of the Snippet Generator. Its value is a {@link ReachedRevision}.
 */
public final class WaitForCvmfsRevisionStep extends CvmfsStep {

    private static final String FUNCTION = "waitForCvmfsRevision";

    private @Nullable String repository;
    private @Nullable Long revision;
    private @Nullable Long after;
    private @Nullable String rootHash;
    private @Nullable List<String> replicas;
    private @Nullable String agents;
    private @Nullable String path;
    private String addresses = Addresses.ONE.parameter();
    private String require = Requirement.ALL.text();
    private Comparable<?> timeout = 60;
    private String unit = TimeUnit.MINUTES.name();
    private String onTimeout = OnTimeout.FAIL.parameter();
    private String onStale = StalePolicy.WAIT.toString();

    /** Without parameters it waits for what the build announced, else for the revision that started the build. */
    @DataBoundConstructor
    public WaitForCvmfsRevisionStep() {
        super(FUNCTION);
    }

    /** The fully qualified name; null for every repository that the build announced, or that started it. */
    public @Nullable String getRepository() {
        return repository;
    }

    /** Blank for none. */
    @DataBoundSetter
    public void setRepository(@Nullable String repository) {
        this.repository = FormFields.text(repository);
    }

    /** Waits for this revision or a newer one; null if another target is set. */
    public @Nullable Long getRevision() {
        return revision;
    }

    /** Not below zero. */
    @DataBoundSetter
    public void setRevision(@Nullable Long revision) {
        this.revision = revision;
    }

    /** Waits for any revision newer than this one; null if another target is set. */
    public @Nullable Long getAfter() {
        return after;
    }

    /** Not below zero. */
    @DataBoundSetter
    public void setAfter(@Nullable Long after) {
        this.after = after;
    }

    /** Waits for the revision with this root catalog; null if another target is set. */
    public @Nullable String getRootHash() {
        return rootHash;
    }

    /** As in the manifest. */
    @DataBoundSetter
    public void setRootHash(@Nullable String rootHash) {
        this.rootHash = FormFields.text(rootHash);
    }

    /** The replicas to watch; null for all that are configured. */
    public @Nullable List<String> getReplicas() {
        return replicas;
    }

    /** Names, or URLs where an administrator allows them. An empty list is an error: a pipeline that computes it lost its replicas. */
    @DataBoundSetter
    public void setReplicas(@Nullable List<String> replicas) {
        this.replicas = replicas == null ? null : List.copyOf(replicas);
    }

    /** The label expression of the agents to ask, or {@code this}; null to read replicas only. */
    public @Nullable String getAgents() {
        return agents;
    }

    /** Blank for none. Without {@link #getReplicas} then no replica is watched. */
    @DataBoundSetter
    public void setAgents(@Nullable String agents) {
        this.agents = FormFields.text(agents);
    }

    /** A file or folder of the repository that must exist on the agents too; null for none. */
    public @Nullable String getPath() {
        return path;
    }

    /** An absolute path, such as {@code /cvmfs/sw.example.org/releases/1.2.3}. Blank for none. */
    @DataBoundSetter
    public void setPath(@Nullable String path) {
        this.path = FormFields.text(path);
    }

    /** The addresses of each replica's host name that are read: {@code one} or {@code all}. */
    public String getAddresses() {
        return addresses;
    }

    /** Blank for one. */
    @DataBoundSetter
    public void setAddresses(@Nullable String addresses) {
        this.addresses = FormFields.text(addresses, Addresses.ONE.parameter());
    }

    /** The number of replicas required: {@code all}, {@code majority}, {@code any} or a number. */
    public Comparable<?> getRequire() {
        return require;
    }

    /** Text or a number, which are both comparable: Declarative Pipeline accepts literals only of a fitting type. Blank for all. */
    @DataBoundSetter
    public void setRequire(@Nullable Comparable<?> require) {
        this.require = FormFields.text(require, Requirement.ALL.text());
    }

    /** The longest wait: a number in {@link #getUnit}, or text with units such as {@code 90m}. */
    public Comparable<?> getTimeout() {
        return timeout;
    }

    /** Above zero; blank for 60. */
    @DataBoundSetter
    public void setTimeout(@Nullable Comparable<?> timeout) {
        this.timeout = TimeLimit.tidy(timeout, 60);
    }

    /** The unit of {@link #getTimeout}, the name of a {@link TimeUnit}; minutes unless set. */
    public Comparable<?> getUnit() {
        return unit;
    }

    /** A name or a {@link TimeUnit}; blank for minutes. Not of that type, because Pipeline answers a wrong name with a stack. */
    @DataBoundSetter
    public void setUnit(@Nullable Comparable<?> unit) {
        this.unit = FormFields.text(unit, TimeUnit.MINUTES.name());
    }

    /** {@code fail}, {@code unstable} or {@code continue}. */
    public String getOnTimeout() {
        return onTimeout;
    }

    /** Blank for fail. */
    @DataBoundSetter
    public void setOnTimeout(@Nullable String onTimeout) {
        this.onTimeout = FormFields.text(onTimeout, OnTimeout.FAIL.parameter());
    }

    /** The reaction to a revision that was rolled back: {@code wait}, {@code skip} or {@code fail}. */
    public String getOnStale() {
        return onStale;
    }

    /** Blank for wait. */
    @DataBoundSetter
    public void setOnStale(@Nullable String onStale) {
        this.onStale = FormFields.text(onStale, StalePolicy.WAIT.toString());
    }

    @Override
    StepExecution execution(StepContext context, ConfiguredSites sites, Instant now)
            throws IOException, InterruptedException {
        String here = here(context);
        if (agents != null && here == null) {
            AgentSelection.requireLabel(agents);
        }
        if (hasTarget()) {
            return new Execution(context, prepare(sites, now, here));
        }
        Run<?, ?> build = context.get(Run.class);
        PrintStream console = context.get(TaskListener.class).getLogger();
        List<PublishedRevision> announced = AnnouncedRevisions.of(build);
        List<CvmfsRevisionCause> causes = toWaitFor(announced, CvmfsRevisionCause.of(build));
        List<WaitState> states = new ArrayList<>();
        if (causes.isEmpty()) {
            List<PublishedRevision> chosen = toWaitFor(announced);
            console.println("waiting for what this build announced: " + joined(chosen));
            for (PublishedRevision one : chosen) {
                states.addAll(prepare(sites, now, here, one.getRepository(), one.getRevision(), one.getPublishedAt()));
            }
        } else {
            console.println("waiting for the revision that started this build: " + joined(causes));
            for (CvmfsRevisionCause one : causes) {
                states.addAll(prepare(sites, now, here, one.getRepository(), one.getRevision(), one.getPublishedAt()));
            }
        }
        return new Execution(context, states);
    }

    private static String joined(List<?> revisions) {
        return revisions.stream().map(Object::toString).collect(Collectors.joining(", "));
    }

    /** Returns the name of the node the step runs on, which is empty for the built-in one; null if it does not ask this node. */
    private @Nullable String here(StepContext context) throws IOException, InterruptedException {
        if (!AgentSelection.THIS.equals(agents)) {
            return null;
        }
        Computer computer = context.get(Computer.class);
        if (computer == null) {
            throw new InvalidInputException("agents: 'this' needs a node block, or give a label");
        }
        return computer.getName();
    }

    /** Chooses from the revisions that started the build; none if it has announced something to wait for. */
    private List<CvmfsRevisionCause> toWaitFor(List<PublishedRevision> announced, List<CvmfsRevisionCause> causes) {
        return announced.stream().anyMatch(one -> isWanted(one.getRepository()))
                ? List.of()
                : causes.stream()
                        .filter(cause -> isWanted(cause.getRepository()))
                        .toList();
    }

    private boolean isWanted(String announced) {
        return repository == null || announced.equals(repository);
    }

    private boolean hasTarget() {
        return revision != null || after != null || rootHash != null;
    }

    /**
     * Chooses from the announcements of the build.
     *
     * @throws InvalidInputException if there is none, or none of the repository
     */
    List<PublishedRevision> toWaitFor(List<PublishedRevision> announced) {
        List<PublishedRevision> wanted =
                announced.stream().filter(one -> isWanted(one.getRepository())).toList();
        if (wanted.isEmpty()) {
            throw new InvalidInputException(
                    "this build has not announced %s yet%s: call cvmfsPublishNotify or cvmfsTransaction before, or set repository: and revision:, after: or rootHash:"
                            .formatted(
                                    repository == null ? "a revision" : repository,
                                    announced.isEmpty()
                                            ? ""
                                            : ", only "
                                                    + announced.stream()
                                                            .map(PublishedRevision::getRepository)
                                                            .collect(Collectors.joining(", "))));
        }
        return wanted;
    }

    /**
     * Checks the parameters, and makes a point in time of the timeout.
     *
     * @param here the node the step runs on, if it asks that
     * @return a wait for the replicas, one for the agents, or both
     * @throws InvalidInputException if one is wrong, or names what is not configured
     */
    List<WaitState> prepare(ConfiguredSites sites, Instant now, @Nullable String here) {
        return prepare(sites, now, here, repositoryName(repository == null ? "" : repository), target(), null);
    }

    /**
     * The same for a revision that the build announced, or was started for.
     *
     * @param publishedAt in ISO 8601; null if it is not known
     */
    List<WaitState> prepare(
            ConfiguredSites sites,
            Instant now,
            @Nullable String here,
            String announced,
            long number,
            @Nullable String publishedAt) {
        return prepare(
                sites,
                now,
                here,
                new RepositoryName(announced),
                new Target.AtLeast(new Revision(number)),
                publishedAt == null ? null : Instant.parse(publishedAt));
    }

    private List<WaitState> prepare(
            ConfiguredSites sites,
            Instant now,
            @Nullable String here,
            RepositoryName name,
            Target target,
            @Nullable Instant publishedAt) {
        // Looked up again when the wait starts; here a wrong name fails the step at once.
        var unused = sites.server(getServer(), name);
        Duration limit = TimeLimit.parse("timeout", timeout, unit);
        Requirement required = FormFields.requirement("require", require);
        List<WaitState> states = new ArrayList<>();
        if (replicas == null) {
            sites.requireConfigured(name);
        }
        if (agents == null || replicas != null) {
            List<Replica> watched = watched(sites, name);
            requireAtMost(required, watched.size());
            states.add(state(
                    new Condition(name, target, watched, required, stalePolicy(onStale), now.plus(limit), publishedAt),
                    now,
                    null));
        }
        if (agents != null) {
            AgentSelection asked = here == null
                    ? AgentSelection.withLabel(agents, name, path)
                    : AgentSelection.named(here, name, path);
            states.add(state(
                    new Condition(
                            name,
                            target,
                            List.of(),
                            required,
                            stalePolicy(onStale),
                            now.plus(limit),
                            publishedAt,
                            new Condition.Group("agents", asked.text(), null)),
                    now,
                    asked));
        } else if (path != null) {
            throw new InvalidInputException(
                    "path is looked for on agents only: give agents: too, such as 'this' or a label");
        }
        return states;
    }

    private WaitState state(Condition condition, Instant now, @Nullable AgentSelection asked) {
        return new WaitState(GateSnapshot.start(condition, now), OnTimeout.parse(onTimeout), getServer(), asked);
    }

    private List<Replica> watched(ConfiguredSites sites, RepositoryName name) {
        if (replicas != null && replicas.isEmpty()) {
            throw new InvalidInputException(
                    "replicas is empty: name at least one, or leave replicas: out for all that are configured");
        }
        Addresses read = Addresses.parse(addresses);
        return sites.replicas(name, replicas == null ? List.of() : replicas).stream()
                .map(read::of)
                .toList();
    }

    /** The addresses of a replica's host name that are read. */
    enum Addresses {
        /** One, as connections choose it. */
        ONE,
        /** Each A and AAAA record; the replica has a revision when all of them do. */
        ALL;

        /** @throws InvalidInputException if there is no such choice */
        static Addresses parse(String parameter) {
            return Arrays.stream(values())
                    .filter(choice -> choice.parameter().equals(parameter))
                    .findFirst()
                    .orElseThrow(() -> new InvalidInputException(
                            "addresses is '%s', must be 'one' or 'all'".formatted(Excerpt.of(parameter))));
        }

        String parameter() {
            return name().toLowerCase(Locale.ROOT);
        }

        private Replica of(Replica replica) {
            return this == ALL && RepositoryLocation.parse(replica.location()) instanceof RepositoryLocation.Web web
                    ? new Replica(replica.name(), new RepositoryLocation.EachAddress(web, null).toString())
                    : replica;
        }
    }

    private Target target() {
        if (rootHash != null && after == null) {
            return new Target.RootHash(
                    ContentHash.parse(rootHash), revision == null ? null : revision("revision", revision));
        }
        if (revision != null && after == null) {
            return new Target.AtLeast(revision("revision", revision));
        }
        if (after != null && revision == null && rootHash == null) {
            return new Target.NewerThan(revision("after", after));
        }
        throw new InvalidInputException(
                "set what to wait for: revision:, after: or rootHash:; only rootHash: may have its revision: beside it");
    }

    private static Revision revision(String parameter, long number) {
        if (number < 0) {
            throw new InvalidInputException("%s is %d, must not be below 0".formatted(parameter, number));
        }
        return new Revision(number);
    }

    static RepositoryName repositoryName(String typed) {
        if (typed.isBlank()) {
            throw new InvalidInputException(
                    "set repository: to the fully qualified name of a repository, such as sw.example.org");
        }
        return new RepositoryName(typed.trim());
    }

    static void requireAtMost(Requirement require, int replicas) {
        try {
            var unused = require.of(replicas);
        } catch (InvalidInputException e) {
            throw new InvalidInputException(
                    "require is %s, more than the number of replicas, %d".formatted(require, replicas), e);
        }
    }

    private static StalePolicy stalePolicy(String onStale) {
        try {
            return StalePolicy.parse(onStale);
        } catch (InvalidInputException e) {
            throw new InvalidInputException(
                    "onStale is '%s', must be 'wait', 'skip' or 'fail'".formatted(Excerpt.of(onStale)), e);
        }
    }

    /** Runs a {@link RevisionWait}. Only the {@link WaitState} survives restarts. */
    static class Execution extends DetachedExecution {

        private static final long serialVersionUID = 1L;

        private final WaitState state;
        /** Those of the other repositories; null in builds that an older version of the plugin saved. */
        private final @Nullable ArrayList<WaitState> others;

        /** Null before the step begins, or is resumed after a restart. */
        private transient volatile @Nullable JointWait waits;

        /** @param states one for each repository and kind of place, at least one */
        Execution(StepContext context, List<WaitState> states) {
            super(context);
            this.state = states.get(0);
            this.others = new ArrayList<>(states.subList(1, states.size()));
        }

        private List<WaitState> states() {
            return Stream.concat(Stream.of(state), others == null ? Stream.empty() : others.stream())
                    .toList();
        }

        @Override
        Executor threads(JenkinsNetwork network) {
            return network.waitThreads();
        }

        @Override
        Work prepare(PipelineBuild build, JenkinsNetwork network, boolean resumed) {
            RevisionWait.Opener opener = (server, known, listener) ->
                    network.waitFor(server, build.run(), known.agents(), known.snapshot(), listener);
            JointWait joint = new JointWait(states(), build, opener);
            return new Work(joint.status(), () -> begin(build, joint, resumed), joint::stop, joint::status);
        }

        private void begin(PipelineBuild build, JointWait joint, boolean resumed) {
            waits = joint;
            Clock clock = Clock.systemUTC();
            String first = joint.waits().get(0).record(clock.instant()).getTitle();
            int more = joint.waits().size() - 1;
            build.label(more == 0 ? first : "%s, and %d more".formatted(first, more));
            joint.begin(
                    build.sites(), resumed, (index, wait) -> build.follow(index, () -> wait.record(clock.instant())));
            if (joint.isOver()) {
                // It may have ended while its waits were being followed.
                ended(build);
            }
        }

        @Override
        void ended(PipelineBuild build) {
            JointWait known = waits;
            for (int index = 0; index < states().size(); index++) {
                build.ended(
                        index,
                        known == null
                                ? null
                                : known.waits()
                                        .get(index)
                                        .record(Clock.systemUTC().instant()));
            }
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
            return Messages.WaitForCvmfsRevisionStep_DisplayName();
        }

        @Override
        public Set<? extends Class<?>> getRequiredContext() {
            return Set.of(FlowNode.class, Run.class, TaskListener.class);
        }

        @Override
        public Step newInstance(@Nullable StaplerRequest2 req, JSONObject form) throws Descriptor.FormException {
            // Stapler cannot convert a text to a Comparable.
            Object require = form.remove("require");
            Object timeout = form.remove("timeout");
            Object unit = form.remove("unit");
            Step step = super.newInstance(req, form);
            if (step instanceof WaitForCvmfsRevisionStep wait) {
                wait.setRequire(require instanceof String text ? text : null);
                wait.setTimeout(timeout == null ? null : timeout.toString());
                wait.setUnit(unit instanceof String text ? text : null);
            }
            return step;
        }

        /** Returns the replicas as one text, for the form. */
        public String join(@Nullable List<String> replicas) {
            return replicas == null ? "" : String.join(", ", replicas);
        }

        @POST
        public FormValidation doCheckRepository(
                @AncestorInPath @Nullable Item item, @QueryParameter String value, @QueryParameter String replicas) {
            return FormFields.check(
                    item,
                    () -> {
                        if (!value.isBlank()) {
                            var unused = repositoryName(value);
                        }
                    },
                    sites -> StepForms.repository(sites, value, replicas));
        }

        /** Checks the number, and that exactly one target is set. */
        @POST
        public FormValidation doCheckRevision(
                @AncestorInPath @Nullable Item item,
                @QueryParameter String value,
                @QueryParameter String after,
                @QueryParameter String rootHash) {
            return FormFields.check(item, () -> {
                StepForms.oneTarget(value, after, rootHash);
                StepForms.revision(value);
            });
        }

        @POST
        public FormValidation doCheckAfter(@AncestorInPath @Nullable Item item, @QueryParameter String value) {
            return FormFields.check(item, () -> StepForms.revision(value));
        }

        @POST
        public FormValidation doCheckRootHash(@AncestorInPath @Nullable Item item, @QueryParameter String value) {
            return FormFields.check(item, () -> StepForms.rootHash(value));
        }

        /** Checks that the replicas are configured. */
        @POST
        public FormValidation doCheckReplicas(
                @AncestorInPath @Nullable Item item, @QueryParameter String value, @QueryParameter String repository) {
            return FormFields.check(item, () -> {}, sites -> StepForms.replicas(sites, value, repository));
        }

        /** Checks the expression, and warns if nothing has the label. */
        @POST
        public FormValidation doCheckAgents(@AncestorInPath @Nullable Item item, @QueryParameter String value) {
            boolean isLabel = !value.isBlank() && !value.trim().equals(AgentSelection.THIS);
            if (isLabel && item != null && item.hasPermission(Item.CONFIGURE)) {
                return LabelExpression.validate(value.trim(), item);
            }
            return FormFields.check(item, () -> {
                if (isLabel) {
                    AgentSelection.requireLabel(value.trim());
                }
            });
        }

        /** Checks that the path is one of the repository. */
        @POST
        public FormValidation doCheckPath(
                @AncestorInPath @Nullable Item item,
                @QueryParameter String value,
                @QueryParameter String repository,
                @QueryParameter String agents) {
            return FormFields.check(item, () -> StepForms.path(value, repository, agents));
        }

        /** Checks the value, and that there are as many replicas. */
        @POST
        public FormValidation doCheckRequire(
                @AncestorInPath @Nullable Item item,
                @QueryParameter String value,
                @QueryParameter String repository,
                @QueryParameter String replicas,
                @QueryParameter @Nullable String agents) {
            return FormFields.check(item, () -> StepForms.require(value), sites -> {
                if (FormFields.text(agents) == null || !replicas.isBlank()) {
                    StepForms.require(sites, value, repository, replicas);
                }
            });
        }

        @POST
        public ListBoxModel doFillAddressesItems() {
            Jenkins.get().checkPermission(Jenkins.READ);
            ListBoxModel model = new ListBoxModel();
            model.add(Messages.WaitForCvmfsRevisionStep_OneAddress(), Addresses.ONE.parameter());
            model.add(Messages.WaitForCvmfsRevisionStep_AllAddresses(), Addresses.ALL.parameter());
            return model;
        }

        @POST
        public FormValidation doCheckTimeout(
                @AncestorInPath @Nullable Item item,
                @QueryParameter String value,
                @QueryParameter @Nullable String unit) {
            return FormFields.check(item, () -> StepForms.timeout(value, unit));
        }

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

        @POST
        public ListBoxModel doFillOnTimeoutItems() {
            Jenkins.get().checkPermission(Jenkins.READ);
            ListBoxModel model = new ListBoxModel();
            model.add(Messages.WaitForCvmfsRevisionStep_TimeoutFail(), OnTimeout.FAIL.parameter());
            model.add(Messages.WaitForCvmfsRevisionStep_TimeoutUnstable(), OnTimeout.UNSTABLE.parameter());
            model.add(Messages.WaitForCvmfsRevisionStep_TimeoutContinue(), OnTimeout.CONTINUE.parameter());
            return model;
        }

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
