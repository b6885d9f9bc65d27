package io.jenkins.plugins.cvmfs.notify.page;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import java.time.Instant;
import java.util.Date;
import org.jspecify.annotations.Nullable;
import org.kohsuke.stapler.export.Exported;

/** One {@code cvmfsPublishNotify} of a build. Immutable. */
public final class AnnouncementRecord extends StepRecord {

    private final @Nullable Long revision;
    private final @Nullable String rootHash;
    private final @Nullable String server;
    private final @Nullable Long publishedAt;
    private final int attempts;
    private final int failures;
    private final @Nullable String lastFailure;

    /**
     * @param message null before the manifest was read
     * @param repository as the pipeline names it; null if it names a file or a URL
     * @param server null before it is known
     * @param attempts null unless it was announced
     * @param failures the attempts to read or announce it that failed
     * @param lastFailure why the last of them failed; null if none did
     */
    public AnnouncementRecord(
            @Nullable ActivityMessage message,
            @Nullable String repository,
            @Nullable String server,
            State state,
            String detail,
            @Nullable Integer attempts,
            int failures,
            @Nullable String lastFailure,
            Instant startedAt,
            Instant deadline,
            @Nullable Instant endedAt) {
        super(message == null ? repository : message.repository().value(), state, detail, startedAt, deadline, endedAt);
        this.revision = message == null ? null : message.revision().bits();
        this.rootHash =
                message == null ? null : message.manifest().rootCatalog().toString();
        this.publishedAt = message == null ? null : millis(message.manifest().publishedAt());
        this.server = server;
        this.attempts = attempts == null ? 0 : attempts;
        this.failures = failures;
        this.lastFailure = lastFailure;
    }

    @Override
    public String getTitle() {
        String name = getRepository() == null ? "a revision" : getRepository();
        return revision == null ? "Announce " + name : "Announce revision %d of %s".formatted(revision, name);
    }

    @Override
    public String getStateText() {
        return switch (getState()) {
            case RUNNING -> failures == 0 ? "announcing" : "retrying";
            case DONE -> "announced";
            case TIMED_OUT, WITHDRAWN, FAILED -> "failed";
            case ABORTED -> "aborted";
        };
    }

    /** Null before the manifest was read. */
    @Exported
    public @Nullable Long getRevision() {
        return revision;
    }

    /** Null before the manifest was read. */
    @Exported
    public @Nullable String getRootHash() {
        return rootHash;
    }

    /** The name of the notification server; null before it is known. */
    @Exported
    public @Nullable String getServer() {
        return server;
    }

    /** Null if the manifest has no time, or was not read yet. */
    @Exported
    public @Nullable Date getPublishedAt() {
        return date(publishedAt);
    }

    @Nullable
    Instant published() {
        return instant(publishedAt);
    }

    /** When the server took it; null if it did not. */
    @Exported
    public @Nullable Date getAnnouncedAt() {
        return getState() == State.DONE ? getEndedAt() : null;
    }

    /** Returns the number of times it was sent; 0 unless it was announced. */
    @Exported
    public int getAttempts() {
        return attempts;
    }

    /** Returns the number of attempts to read or to announce it that failed and were followed by another. */
    @Exported
    public int getFailures() {
        return failures;
    }

    /** Why the last of them failed; null if none did. */
    @Exported
    public @Nullable String getLastFailure() {
        return lastFailure;
    }
}
