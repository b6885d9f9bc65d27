package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.log.journal.JournalFormat.JournalRecord;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The order to forget a repository, and the record that it was forgotten, so that no proxy that still knows its last announcement
 * restores it. As bytes, in the journal and between proxies: <code>{"type":"forgotten","repository":"NAME"}</code>.
 *
 * @param at later than the last announcement that was known, in milliseconds
 * @param idOrNull acknowledged when the repository is forgotten; null if no caller waits for that. Not among the bytes
 */
public record Forgotten(
        RepositoryName repository, Instant at, @Nullable UUID idOrNull) implements JournalRecord {

    private static final Pattern FORM = Pattern.compile("\\{\"type\":\"forgotten\",\"repository\":\"([^\"]{1,100})\"}");
    private static final int LONGEST = 200;

    /** A record that no caller waits for. */
    public Forgotten(RepositoryName repository, Instant at) {
        this(repository, at, null);
    }

    /** Reads the bytes; empty if they are anything else. */
    public static Optional<Forgotten> parse(byte[] bytes, Instant at, @Nullable UUID idOrNull) {
        if (bytes.length > LONGEST) {
            return Optional.empty();
        }
        Matcher matcher = FORM.matcher(new String(bytes, US_ASCII));
        try {
            return matcher.matches()
                    ? Optional.of(new Forgotten(new RepositoryName(matcher.group(1)), at, idOrNull))
                    : Optional.empty();
        } catch (InvalidInputException foreign) {
            return Optional.empty();
        }
    }

    /** Writes the bytes, without time and id. */
    public byte[] toBytes() {
        return "{\"type\":\"forgotten\",\"repository\":\"%s\"}"
                .formatted(repository)
                .getBytes(US_ASCII);
    }

    /** Returns whether an announcement that was accepted at this time is one to forget. */
    boolean covers(Instant announcedAt) {
        return !announcedAt.isAfter(at);
    }
}
