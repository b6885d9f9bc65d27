package io.jenkins.plugins.cvmfs.notify.steps;

import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Everything of a {@code cvmfsTransaction} that survives a restart: its parameters, how far it is, and the command that runs on
 * the agent. Written by one thread at a time, read and saved by any.
 */
final class TransactionState implements Serializable {

    private static final long serialVersionUID = 1L;

    /** The output of cvmfs_server for a busy repository is printed at every sixth attempt: once a minute. */
    private static final int BUSY_TOLD = 6;

    private final String id = UUID.randomUUID().toString();
    private final String repository;
    private final @Nullable String tag;
    private final @Nullable String message;
    private final @Nullable String server;
    private final String node;
    private final long leaseUntilMillis;
    /** 0 in builds that an older version saved. */
    private final long startedAtMillis;

    private volatile Phase phase = Phase.OPENING;
    private volatile boolean bodyStarted;
    /** Attempts to open it that ended because the repository was busy. */
    private volatile int busy;
    /** When the phase began, or the repository was busy first; 0 in builds that an older version saved. */
    private volatile long sinceMillis;

    private volatile @Nullable Serializable process;
    private volatile @Nullable Throwable failure;
    private volatile @Nullable PublishState announcement;

    /**
     * @param server as the pipeline gave it; null if it gave none
     * @param node the name of the agent, for messages
     */
    TransactionState(
            String repository,
            @Nullable String tag,
            @Nullable String message,
            @Nullable String server,
            String node,
            Instant leaseUntil,
            Instant now) {
        this.repository = repository;
        this.tag = tag;
        this.message = message;
        this.server = server;
        this.node = node;
        this.leaseUntilMillis = leaseUntil.toEpochMilli();
        this.startedAtMillis = now.toEpochMilli();
        this.sinceMillis = startedAtMillis;
    }

    /** How far a transaction is. */
    enum Phase {
        /** {@code cvmfs_server transaction} runs, or is tried again later. */
        OPENING,
        /** The transaction is open; the body runs. */
        BODY,
        /** {@code cvmfs_server publish} runs. */
        PUBLISHING,
        /** The revision is published and announced. */
        ANNOUNCING,
        /** {@code cvmfs_server abort} runs. */
        ABORTING
    }

    /** Differs between all transactions. */
    String id() {
        return id;
    }

    String repository() {
        return repository;
    }

    /** The name of the agent. */
    String node() {
        return node;
    }

    Instant leaseUntil() {
        return Instant.ofEpochMilli(leaseUntilMillis);
    }

    /** When it began; the end of the lease's time if an older version began it and did not save that. */
    Instant startedAt() {
        return Instant.ofEpochMilli(startedAtMillis == 0 ? leaseUntilMillis : startedAtMillis);
    }

    /** When the present phase began; while the repository is busy, when that was noticed first. */
    Instant since() {
        return sinceMillis == 0 ? startedAt() : Instant.ofEpochMilli(sinceMillis);
    }

    Phase phase() {
        return phase;
    }

    /** Enters a phase, in which no command runs yet. */
    void enter(Phase next, Instant now) {
        process = null;
        sinceMillis = now.toEpochMilli();
        phase = next;
    }

    int busy() {
        return busy;
    }

    /** The next attempt to open it runs a new command. */
    void wasBusy(Instant now) {
        int before = busy;
        if (before == 0) {
            sinceMillis = now.toEpochMilli();
        }
        process = null;
        busy = before + 1;
    }

    boolean isBodyStarted() {
        return bodyStarted;
    }

    void bodyStarted() {
        bodyStarted = true;
    }

    /** The process on the agent; null before it is started. */
    @Nullable
    Serializable process() {
        return process;
    }

    void started(Serializable running) {
        process = running;
    }

    /** Why the step fails in the end; null as long as nothing is wrong. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    /** Only the first failure counts. */
    void failed(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
    }

    /** Returns the announcement, whose time limit begins with the first call. */
    PublishState announcement(Instant now, Duration timeLimit) {
        PublishState known = announcement;
        if (known == null) {
            known = new PublishState(repository, null, null, server, true, now.plus(timeLimit));
            announcement = known;
        }
        return known;
    }

    /** Names the command that runs in this phase, so that it runs only once. */
    String commandName() {
        return phase.name().toLowerCase(Locale.ROOT) + "-" + busy;
    }

    /** Returns the script of this phase. Its exit status is that of {@code cvmfs_server}, or one of {@link Exit}. */
    String command() {
        return switch (phase) {
            case OPENING -> """
                    out=$(cvmfs_server transaction %s 2>&1)
                    status=$?
                    told=%s
                    case $status:$out in
                      0:*) told=true ;;
                      17:* | *'already in a transaction'*) status=%d ;;
                      16:* | *[Bb]usy*) status=%d ;;
                      *) told=true ;;
                    esac
                    [ -z "$out" ] || ! $told || printf '%%s\\n' "$out"
                    """.formatted(repository, busy % BUSY_TOLD == 0, Exit.OPEN_ALREADY, Exit.BUSY);
            case PUBLISHING -> """
                    cvmfs_server publish%s%s %s 2>&1
                    status=$?
                    """.formatted(option("-a", tag), option("-m", message), repository);
            default -> """
                    for attempt in 1 2 3; do
                      out=$(cvmfs_server abort -f %s 2>&1)
                      status=$?
                      printf '%%s\\n' "$out"
                      case $out in *'not in a transaction'*) status=0 ;; esac
                      [ $status -eq 0 ] && break
                      sleep 2
                    done
                    """.formatted(repository);
        };
    }

    private static String option(String name, @Nullable String value) {
        return value == null ? "" : " %s '%s'".formatted(name, value.replace("'", "'\\''"));
    }

    /** Exit statuses that {@code cvmfs_server} does not have. */
    static final class Exit {

        /** Another publisher holds the gateway's lease. */
        static final int BUSY = 75;
        /** A transaction is open on this machine. */
        static final int OPEN_ALREADY = 74;
        /** The command began, and its end is not known: the machine was restarted, for example. */
        static final int LOST = 76;

        private Exit() {}
    }
}
