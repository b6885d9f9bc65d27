package io.jenkins.plugins.cvmfs.notify.page;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Date;
import java.util.Locale;
import java.util.TimeZone;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.export.Exported;
import org.kohsuke.stapler.export.ExportedBean;

/**
 * One announcement, wait or transaction of a build, as its page shows it and as the build keeps it. Immutable. Builds save the names of the
 * classes and of their fields; a field that an older version did not save is null.
 */
@ExportedBean(defaultVisibility = 2)
@SuppressWarnings("JavaUtilDate") // What Jelly formats.
public abstract sealed class StepRecord implements Cloneable permits AnnouncementRecord, TransactionRecord, WaitRecord {

    /** How far a step is. Builds save the names. */
    public enum State {
        /** It has not ended. */
        RUNNING,
        /** The revision was announced, was reached, or was published. */
        DONE,
        /** The wait passed its deadline. */
        TIMED_OUT,
        /** The revision was rolled back. */
        WITHDRAWN,
        /** The step failed. */
        FAILED,
        /** The build was aborted, or ended without the step's knowledge; the transaction was aborted. */
        ABORTED
    }

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss xxx", Locale.ROOT);

    private final @Nullable String repository;
    private final long startedAt;
    private final long deadline;

    // Not final only for endedAs, which sets them in a copy that it has not returned yet.
    private State state;
    private String detail;
    private @Nullable Long endedAt;

    /**
     * @param repository null if it is not known yet
     * @param detail one phrase: what the step does now, or why it ended
     * @param deadline when the step gives up
     * @param endedAt null while it runs
     */
    StepRecord(
            @Nullable String repository,
            State state,
            String detail,
            Instant startedAt,
            Instant deadline,
            @Nullable Instant endedAt) {
        this.repository = repository;
        this.state = state;
        this.detail = detail;
        this.startedAt = startedAt.toEpochMilli();
        this.deadline = deadline.toEpochMilli();
        this.endedAt = millis(endedAt);
    }

    static @Nullable Long millis(@Nullable Instant instant) {
        return instant == null ? null : instant.toEpochMilli();
    }

    static @Nullable Instant instant(@Nullable Long millis) {
        return millis == null ? null : Instant.ofEpochMilli(millis);
    }

    static @Nullable Date date(@Nullable Long millis) {
        return millis == null ? null : new Date(millis);
    }

    /** Writes a time as the console has it: in the time zone of Jenkins, with its offset. */
    public static String time(Instant at) {
        return TIME.format(at.atZone(ZoneId.systemDefault()));
    }

    /**
     * Writes a time for the page.
     *
     * @param zone the time zone that the user chose; null for that of Jenkins
     */
    public final String time(Date at, @Nullable String zone) {
        ZoneId chosen = zone == null
                ? ZoneId.systemDefault()
                : TimeZone.getTimeZone(zone).toZoneId();
        return TIME.format(at.toInstant().atZone(chosen));
    }

    /** Returns the same step, ended now without its knowledge. */
    StepRecord aborted(Instant now) {
        return endedAs(State.ABORTED, now);
    }

    /** Returns a copy that ended in this way, without a detail. */
    final StepRecord endedAs(State how, Instant now) {
        try {
            StepRecord copy = (StepRecord) clone();
            copy.state = how;
            copy.detail = "";
            copy.endedAt = now.toEpochMilli();
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    /** The heading, such as {@code Wait for revision 7 or newer of sw.example.org}. */
    public abstract String getTitle();

    /** The state in words, such as {@code waiting}. */
    public abstract String getStateText();

    /** The fully qualified name; null if it is not known yet. */
    @Exported
    public final @Nullable String getRepository() {
        return repository;
    }

    @Exported
    public final State getState() {
        return state;
    }

    /** Returns the step's progress, or why it ended; empty if there is nothing to add. */
    @Exported
    public final String getDetail() {
        return detail;
    }

    @Exported
    public final Date getStartedAt() {
        return new Date(startedAt);
    }

    /** When the step gives up. */
    @Exported
    public final Date getDeadline() {
        return new Date(deadline);
    }

    /** Null while the step runs. */
    @Exported
    public final @Nullable Date getEndedAt() {
        return date(endedAt);
    }

    /** Returns true for a transaction, whose facts differ from those of the others. */
    public final boolean isTransaction() {
        return this instanceof TransactionRecord;
    }

    public final boolean isRunning() {
        return state == State.RUNNING;
    }

    /** The name of a colour of the design library, for the state. */
    public final String getColor() {
        return switch (state) {
            case RUNNING -> "info";
            case DONE -> "success";
            case TIMED_OUT, WITHDRAWN -> "warning";
            case FAILED -> "error";
            case ABORTED -> "skipped";
        };
    }

    final Instant started() {
        return Instant.ofEpochMilli(startedAt);
    }

    final Instant due() {
        return Instant.ofEpochMilli(deadline);
    }

    final @Nullable Instant ended() {
        return instant(endedAt);
    }
}
