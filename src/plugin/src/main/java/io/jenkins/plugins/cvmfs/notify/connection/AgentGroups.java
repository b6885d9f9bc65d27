package io.jenkins.plugins.cvmfs.notify.connection;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells waits which of the agents they select are online now: at first, soon after a change, and every quarter of a minute. An agent
 * that was there and lost its connection still belongs to them for some minutes, so that neither a short break nor a restart of
 * Jenkins makes a wait forget it.
 *
 * <p>All state is confined to one thread.
 */
final class AgentGroups {

    private static final Logger LOGGER = Logger.getLogger(AgentGroups.class.getName());

    /** The time that an agent still belongs to a wait after it lost its connection. */
    static final Duration GRACE = Duration.ofMinutes(3);

    private static final Duration REFRESH = Duration.ofSeconds(15);
    private static final Duration SOON = Duration.ofMillis(300);
    private static final int MAX_NAMED = 5;

    /** The presence of a node. */
    enum Presence {
        ONLINE,
        /** Its connection is lost, or it never had one. */
        OFFLINE,
        /** A user took it offline. */
        PAUSED,
        /** The build may not run there. */
        FORBIDDEN
    }

    /** A node that a wait selects. */
    record Member(String name, Presence presence) {}

    /** The nodes of Jenkins. */
    interface Nodes {

        /** Returns the nodes that are selected, in the order of their names. */
        List<Member> select(AgentSelection selection, @Nullable Object builder);

        /** Returns why no node is selected, one phrase. */
        String reason(AgentSelection selection);
    }

    /** Receives the members of a group. Must not block. */
    @FunctionalInterface
    interface Listener {

        /**
         * Tells the nodes that belong to the group now; the same again if one of them has lost its connection or returned.
         *
         * @param absent what people should know of the others, one phrase; null if nothing
         */
        void members(List<String> nodes, @Nullable String absent);
    }

    /** Equal selections of builds with the same rights are made once. */
    private record Selected(
            String name, boolean isLabel, @Nullable Object builder) {}

    private record Told(
            List<String> nodes,
            Set<String> online,
            @Nullable String absent) {}

    private final Nodes nodes;
    private final ScheduledExecutorService thread;
    private final Clock clock;
    private final Set<Following> followings = new LinkedHashSet<>();
    private boolean isRefreshDue;
    private boolean isSoonDue;

    /** @param thread has one thread */
    AgentGroups(Nodes nodes, ScheduledExecutorService thread, Clock clock) {
        this.nodes = nodes;
        this.thread = thread;
        this.clock = clock;
    }

    /**
     * Begins to tell a wait of its agents. Does not block.
     *
     * @param builder whose right to run builds on a node counts; null for any node
     * @param known the nodes that belonged to the wait before a restart
     */
    Following follow(AgentSelection selection, @Nullable Object builder, Collection<String> known, Listener listener) {
        Following following = new Following(selection, builder, listener);
        run(() -> {
            known.forEach(node -> following.seen.put(node, clock.instant()));
            followings.add(following);
            refreshLater();
            following.tell(new HashMap<>());
        });
        return following;
    }

    /** Looks again soon. Does not block. */
    void changed() {
        run(() -> {
            if (!isSoonDue && !followings.isEmpty()) {
                isSoonDue = true;
                later(SOON, () -> {
                    isSoonDue = false;
                    tell();
                });
            }
        });
    }

    private void refreshLater() {
        if (!isRefreshDue && !followings.isEmpty()) {
            isRefreshDue = true;
            later(REFRESH, () -> {
                isRefreshDue = false;
                tell();
                refreshLater();
            });
        }
    }

    private void tell() {
        Map<Selected, List<Member>> selected = new HashMap<>();
        for (Following following : List.copyOf(followings)) {
            try {
                following.tell(selected);
            } catch (RuntimeException e) {
                // Whatever another plugin's labels or rights do: the other waits, and the next look, go on.
                LOGGER.log(Level.WARNING, e, () -> "cannot find the agents " + following.selection.text());
            }
        }
    }

    private void run(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            // Jenkins shuts down: the waits are over, too.
        }
    }

    private void later(Duration pause, Runnable task) {
        try {
            var unused = thread.schedule(task, pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // As above.
        }
    }

    /** One wait. Closing does not block. */
    final class Following implements AutoCloseable {

        private final AgentSelection selection;
        private final @Nullable Object builder;
        private final Listener listener;
        private final Map<String, Instant> seen = new HashMap<>();
        private @Nullable Told last;

        private Following(AgentSelection selection, @Nullable Object builder, Listener listener) {
            this.selection = selection;
            this.builder = builder;
            this.listener = listener;
        }

        private void tell(Map<Selected, List<Member>> selected) {
            List<Member> members = selected.computeIfAbsent(
                    new Selected(selection.name(), selection.isLabel(), builder),
                    key -> nodes.select(selection, builder));
            Told now = told(members);
            if (!now.equals(last)) {
                last = now;
                listener.members(now.nodes(), now.absent());
            }
        }

        private Told told(List<Member> members) {
            Instant now = clock.instant();
            List<String> present = new ArrayList<>();
            Set<String> online = new HashSet<>();
            List<String> offline = new ArrayList<>();
            int forbidden = 0;
            for (Member member : members) {
                if (member.presence() == Presence.FORBIDDEN) {
                    forbidden++;
                } else if (member.presence() == Presence.ONLINE) {
                    seen.put(member.name(), now);
                    online.add(member.name());
                    present.add(member.name());
                } else if (member.presence() == Presence.OFFLINE && isExpected(member.name(), now)) {
                    present.add(member.name());
                } else {
                    seen.remove(member.name());
                    offline.add(AgentSelection.nodeName(member.name()));
                }
            }
            seen.keySet()
                    .removeIf(node ->
                            members.stream().noneMatch(member -> member.name().equals(node)));
            return new Told(List.copyOf(present), online, absent(members, offline, forbidden));
        }

        private boolean isExpected(String node, Instant now) {
            Instant at = seen.get(node);
            return at != null && now.isBefore(at.plus(GRACE));
        }

        private @Nullable String absent(List<Member> members, List<String> offline, int forbidden) {
            if (members.isEmpty()) {
                return nodes.reason(selection);
            }
            List<String> parts = new ArrayList<>();
            if (!offline.isEmpty()) {
                int more = offline.size() - MAX_NAMED;
                parts.add("offline: " + offline.stream().limit(MAX_NAMED).collect(Collectors.joining(", "))
                        + (more <= 0 ? "" : " and %d more".formatted(more)));
            }
            if (forbidden > 0) {
                parts.add("the build has no right to run on %d more".formatted(forbidden));
            }
            return parts.isEmpty() ? null : String.join("; ", parts);
        }

        @Override
        public void close() {
            run(() -> followings.remove(this));
        }
    }
}
