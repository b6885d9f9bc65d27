package io.jenkins.plugins.cvmfs.notify.client.gate;

import io.jenkins.plugins.cvmfs.notify.client.gate.GateAction.Question;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An event that the driver of a gate reports to {@link Gate#take}. */
public sealed interface GateEvent {

    /** The subscription stands, for the first time or again: announcements can arrive. */
    record Connected() implements GateEvent {}

    /**
     * No announcement can arrive until the next {@link Connected}. May be reported after each failed attempt.
     *
     * @param problem the reason, one line for people
     */
    record Disconnected(String problem) implements GateEvent {}

    /**
     * The notification server refuses the subscription: no announcement can arrive until the next {@link Connected}. May be
     * reported after each failed attempt.
     *
     * @param problem the missing right, one line for people
     */
    record Refused(String problem) implements GateEvent {}

    /** The notification server announced this manifest. A hint only: it is not verified, and may be late, repeated or out of order. */
    record Announced(ManifestSummary manifest) implements GateEvent {}

    /**
     * Another gate is about to read the manifest of this replica. A gate that would read it soon asks now too, so that one read
     * serves all and their next reads coincide.
     */
    record ReadBegins(Replica replica) implements GateEvent {}

    /**
     * The members of the condition's group that are present now, all of them; those whose last read failed are read again soon. Until
     * the first of these events none is read.
     *
     * @param absent as in {@link Condition.Group}
     */
    record Members(List<Replica> present, @Nullable String absent) implements GateEvent {}

    /** A replica answered, or a read failed. Ignored unless this very question is outstanding. */
    record Answered(Replica replica, Question question, Answer answer) implements GateEvent {}

    /** The answer to a question. */
    sealed interface Answer {}

    /**
     * The replica serves this manifest; the same again if it was not modified.
     *
     * @param note what people should know besides, one phrase; null if nothing
     */
    record ManifestRead(ManifestSummary manifest, @Nullable String note) implements Answer {}

    /**
     * The object of the root catalog is there, or is not; of a mounted repository, the path.
     *
     * @param note what is missing, one phrase; null for the root catalog
     */
    record RootCatalogChecked(boolean present, @Nullable String note) implements Answer {}

    /**
     * The time of the replica's last complete snapshot.
     *
     * @param at by the replica's clock; null if it does not publish one
     */
    record SnapshotTimeRead(@Nullable Instant at) implements Answer {}

    /**
     * The read failed.
     *
     * @param problem the reason, one line for people
     */
    record Failed(String problem) implements Answer {}
}
