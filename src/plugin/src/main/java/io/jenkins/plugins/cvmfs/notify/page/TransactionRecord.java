package io.jenkins.plugins.cvmfs.notify.page;

import java.time.Instant;
import java.util.Date;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.export.Exported;

/** One {@code cvmfsTransaction} of a build; its announcement is an {@link AnnouncementRecord} of its own. Immutable. */
@SuppressWarnings("JavaUtilDate") // What Jelly formats.
public final class TransactionRecord extends StepRecord {

    /** The stage of a transaction. Builds save the names. */
    public enum Stage {
        /** {@code cvmfs_server transaction} runs. */
        OPENING,
        /** The repository is busy; opening it is tried again until the deadline. */
        WAITING_FOR_LEASE,
        /** The transaction is open, and the body of the step runs. */
        BODY,
        /** {@code cvmfs_server publish} runs. */
        PUBLISHING,
        /** The revision is published and announced. */
        ANNOUNCING,
        /** {@code cvmfs_server abort} runs. */
        ABORTING
    }

    /**
     * How far the step is.
     *
     * @param since when it began to do this
     * @param attempts the times that opening it was tried before, because the repository was busy
     */
    public record Progress(Stage stage, Instant since, int attempts) {}

    private final String node;
    private final Stage stage;
    private final long since;
    private final int attempts;
    private final String abortCommand;
    private boolean open;

    /**
     * @param node the name of the agent
     * @param abortCommand discards the transaction there
     * @param open true if it ended, and may have left the transaction open
     * @param deadline until when opening it is tried
     */
    public TransactionRecord(
            String repository,
            State state,
            String detail,
            String node,
            Progress progress,
            String abortCommand,
            boolean open,
            Instant startedAt,
            Instant deadline,
            @Nullable Instant endedAt) {
        super(repository, state, detail, startedAt, deadline, endedAt);
        this.node = node;
        this.stage = progress.stage();
        this.since = progress.since().toEpochMilli();
        this.attempts = progress.attempts();
        this.abortCommand = abortCommand;
        this.open = open;
    }

    @Override
    StepRecord aborted(Instant now) {
        if (stage == Stage.WAITING_FOR_LEASE || stage == Stage.ANNOUNCING) {
            return super.aborted(now);
        }
        TransactionRecord left = (TransactionRecord) endedAs(State.FAILED, now);
        left.open = true;
        return left;
    }

    @Override
    public String getTitle() {
        return "Transaction of " + getRepository();
    }

    @Override
    public String getStateText() {
        if (open) {
            return "may be open";
        }
        return switch (getState()) {
            case RUNNING ->
                switch (stage) {
                    case OPENING -> "opening";
                    case WAITING_FOR_LEASE -> "waiting for the lease";
                    case BODY -> "body running";
                    case PUBLISHING -> "publishing";
                    case ANNOUNCING -> "announcing";
                    case ABORTING -> "aborting";
                };
            case DONE -> "done";
            case ABORTED -> "aborted";
            case TIMED_OUT, WITHDRAWN, FAILED -> "failed";
        };
    }

    /** The name of the agent on which it is. */
    @Exported
    public String getNode() {
        return node;
    }

    /** Returns what it does, or did last. */
    @Exported
    public Stage getStage() {
        return stage;
    }

    /** When it began to do this. */
    @Exported
    public Date getSince() {
        return new Date(since);
    }

    /** Returns the number of times that it could not be opened because the repository was busy. */
    @Exported
    public int getAttempts() {
        return attempts;
    }

    /** The command that discards the transaction on its agent; null unless it may have been left open. */
    @Exported
    public @Nullable String getCommand() {
        return open ? abortCommand : null;
    }

    /** Returns false for a time that an older version did not save: the deadline is in its place. */
    public boolean isKnown(Date at) {
        return at.getTime() != getDeadline().getTime();
    }

    /** Returns true while it tries to open the transaction, which has a deadline. */
    public boolean isOpening() {
        return isRunning() && (stage == Stage.OPENING || stage == Stage.WAITING_FOR_LEASE);
    }
}
