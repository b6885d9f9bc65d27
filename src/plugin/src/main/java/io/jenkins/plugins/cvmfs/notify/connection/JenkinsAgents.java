package io.jenkins.plugins.cvmfs.notify.connection;

import hudson.Extension;
import hudson.model.Computer;
import hudson.model.Label;
import hudson.model.Node;
import hudson.model.Queue;
import hudson.model.Run;
import hudson.model.TaskListener;
import hudson.model.queue.Tasks;
import hudson.remoting.VirtualChannel;
import hudson.slaves.ComputerListener;
import hudson.slaves.OfflineCause;
import io.jenkins.plugins.cvmfs.notify.client.gate.Condition;
import io.jenkins.plugins.cvmfs.notify.client.gate.GateSnapshot;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.transport.DaemonThreads;
import io.jenkins.plugins.cvmfs.notify.client.transport.MountReader;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation.Elsewhere;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryReader;
import io.jenkins.plugins.cvmfs.notify.client.waiting.Wait;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jenkins.model.Jenkins;
import org.jenkinsci.plugins.workflow.flow.FlowExecution;
import org.jenkinsci.plugins.workflow.flow.FlowExecutionOwner;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;

/** The nodes of this Jenkins as {@link AgentGroups} and {@link AgentMounts} see them, and the one thread of both. */
final class JenkinsAgents implements AutoCloseable {

    private final ScheduledThreadPoolExecutor thread;
    private final MountReader builtIn = MountReader.ofThisMachine();
    private final AgentMounts mounts;
    private final AgentGroups groups;

    JenkinsAgents() {
        thread = new ScheduledThreadPoolExecutor(1, DaemonThreads.named("cvmfs-notify-agents"));
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        thread.setKeepAliveTime(10, TimeUnit.SECONDS);
        thread.allowCoreThreadTimeOut(true);
        mounts = new AgentMounts(this::line, thread, Computer.threadPoolForRemoting, AgentMounts.TIME_LIMIT);
        groups = new AgentGroups(new NodesOfJenkins(), thread, Clock.systemUTC());
    }

    /** Returns a reader of the other reader's places, and of agents. */
    RepositoryReader besides(RepositoryReader other) {
        return mounts.besides(other);
    }

    /** Tells the wait of its agents until it ends. */
    void follow(AgentSelection selection, @Nullable Run<?, ?> build, GateSnapshot known, Wait wait) {
        List<String> before = known.condition().replicas().stream()
                .flatMap(replica -> Stream.ofNullable(Elsewhere.read(replica.location())))
                .map(Elsewhere::machine)
                .toList();
        AgentGroups.Following following = groups.follow(
                selection, builder(build), before, (nodes, absent) -> tell(wait, selection, nodes, absent));
        var unused = wait.result().whenComplete((report, failure) -> following.close());
    }

    private static void tell(Wait wait, AgentSelection selection, List<String> nodes, @Nullable String absent) {
        Map<String, Replica> members = new LinkedHashMap<>();
        for (String node : nodes) {
            String name = AgentSelection.nodeName(node);
            String shortened = name.substring(0, Math.min(name.length(), Replica.MAX_NAME_LENGTH));
            String location = new Elsewhere(node, selection.root(), selection.path()).toString();
            members.putIfAbsent(shortened, new Replica(shortened, location));
        }
        List<Replica> present =
                members.values().stream().limit(Condition.MAX_MEMBERS).toList();
        int more = nodes.size() - present.size();
        String others = "%d more are not asked%s".formatted(more, absent == null ? "" : "; " + absent);
        wait.members(present, more == 0 ? absent : others);
    }

    /** Returns as whom the build runs; null if it is not known, or the wait belongs to no build. */
    private static @Nullable Authentication builder(@Nullable Run<?, ?> build) {
        // A pipeline remembers it; the job's present strategy may need the cause of the build.
        if (build instanceof FlowExecutionOwner.Executable pipeline) {
            FlowExecutionOwner owner = pipeline.asFlowExecutionOwner();
            FlowExecution execution = owner == null ? null : owner.getOrNull();
            if (execution != null) {
                return execution.getAuthentication2();
            }
        }
        return build != null && build.getParent() instanceof Queue.Task task ? Tasks.getAuthenticationOf2(task) : null;
    }

    private AgentMounts.@Nullable Line line(String node) {
        Jenkins jenkins = Jenkins.getInstanceOrNull();
        Computer computer = jenkins == null ? null : jenkins.getComputer(node);
        if (computer == null) {
            return null;
        }
        if (node.isEmpty()) {
            return new BuiltInLine(builtIn);
        }
        VirtualChannel channel = computer.getChannel();
        return channel == null ? null : new ChannelLine(channel);
    }

    /** The agents have changed: one has come, gone, or was configured. */
    void changed() {
        groups.changed();
    }

    @Override
    public void close() {
        mounts.close();
        thread.shutdown();
        builtIn.close();
    }

    private record ChannelLine(VirtualChannel channel) implements AgentMounts.Line {
        @Override
        public Future<String[]> ask(MountQuestion question) throws IOException {
            return channel.callAsync(question);
        }
    }

    private record BuiltInLine(MountReader reader) implements AgentMounts.Line {
        @Override
        public Future<String[]> ask(MountQuestion question) {
            return question.answer(reader);
        }
    }

    private static final class NodesOfJenkins implements AgentGroups.Nodes {

        @Override
        public List<AgentGroups.Member> select(AgentSelection selection, @Nullable Object builder) {
            Jenkins jenkins = Jenkins.getInstanceOrNull();
            if (jenkins == null) {
                return List.of();
            }
            Label label = selection.isLabel() ? Label.parseExpression(selection.name()) : null;
            List<Node> all = new ArrayList<>(jenkins.getNodes());
            all.add(jenkins);
            return all.stream()
                    .filter(node -> label == null ? node.getNodeName().equals(selection.name()) : label.matches(node))
                    .map(node -> member(node, builder))
                    .sorted(Comparator.comparing(AgentGroups.Member::name))
                    .toList();
        }

        private static AgentGroups.Member member(Node node, @Nullable Object builder) {
            Computer computer = node.toComputer();
            if (builder instanceof Authentication user && !node.hasPermission2(user, Computer.BUILD)) {
                return new AgentGroups.Member(node.getNodeName(), AgentGroups.Presence.FORBIDDEN);
            }
            AgentGroups.Presence presence = computer == null || computer.isTemporarilyOffline()
                    ? AgentGroups.Presence.PAUSED
                    : computer.isOffline() ? AgentGroups.Presence.OFFLINE : AgentGroups.Presence.ONLINE;
            return new AgentGroups.Member(node.getNodeName(), presence);
        }

        @Override
        public String reason(AgentSelection selection) {
            if (!selection.isLabel()) {
                return "this agent was removed";
            }
            return Label.parseExpression(selection.name()).getClouds().isEmpty()
                    ? "no agent has this label, and no cloud provides one"
                    : "no agent has this label yet; a cloud may provide one";
        }
    }

    /** Passes on what Jenkins tells of its nodes. */
    @Extension
    public static final class NodeListener extends ComputerListener {

        private static void changed() {
            JenkinsNetwork.get().agentsChanged();
        }

        @Override
        public void onOnline(Computer computer, TaskListener listener) {
            changed();
        }

        @Override
        public void onOffline(Computer computer, @Nullable OfflineCause cause) {
            changed();
        }

        @Override
        public void onTemporarilyOnline(Computer computer) {
            changed();
        }

        @Override
        public void onTemporarilyOffline(Computer computer, @Nullable OfflineCause cause) {
            changed();
        }

        @Override
        public void onConfigurationChange() {
            changed();
        }
    }
}
