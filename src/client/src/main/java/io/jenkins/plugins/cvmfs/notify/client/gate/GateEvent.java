package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a gate is told. */
public sealed interface GateEvent {

    /** Announcements can arrive from now on: the subscription stands, for the first time or again. */
    record Connected() implements GateEvent {}

    /**
     * No announcement can arrive until the next {@link Connected}. May be told after each failed attempt.
     *
     * @param problem one line for people: why
     */
    record Disconnected(String problem) implements GateEvent {}

    /**
     * The notification server refuses the subscription: no announcement can arrive until the next {@link Connected}. May be told
     * after each failed attempt.
     *
     * @param problem one line for people: which right is missing
     */
    record Refused(String problem) implements GateEvent {}

    /** The notification server announced this. A hint only: nobody vouches for it, and it may come late, twice or out of order. */
    record Announced(ManifestSummary publication) implements GateEvent {}

    /**
     * The manifest of this replica is about to be read, because another gate asks for it. A gate that would read it soon asks now
     * too, so that one read does for all and their next reads fall together again.
     */
    record ReadBegins(Replica replica) implements GateEvent {}

    /** The answer to a {@link GateAction.Request}. Answers to other questions than the one outstanding are ignored. */
    sealed interface Answer extends GateEvent {

        /** Which replica answered. */
        Replica replica();
    }

    /** The replica serves this manifest; the same again if it was not modified. */
    record ManifestRead(Replica replica, ManifestSummary publication) implements Answer {}

    /** Whether the object of the root catalog with this hash is there. */
    record RootCatalogSought(Replica replica, ContentHash hash, boolean present) implements Answer {}

    /**
     * When the replica last finished a snapshot.
     *
     * @param at as it says itself; null if it does not say
     */
    record SnapshotTimeRead(Replica replica, @Nullable Instant at) implements Answer {}

    /**
     * The question could not be answered.
     *
     * @param problem one line for people: what went wrong
     */
    record Failed(Replica replica, String problem) implements Answer {}
}
