package io.jenkins.plugins.cvmfs.notify.proxy.log.journal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says that a repository was forgotten, so that nobody who still knows its last announcement brings it back. As bytes, in the journal
 * and between proxies: <code>{"type":"forgotten","repository":"NAME"}</code>.
 *
 * @param at later than the last announcement that was known, in milliseconds
 */
public record Forgotten(RepositoryName repository, Instant at) implements JournalRecord {

    private static final Pattern FORM = Pattern.compile("\\{\"type\":\"forgotten\",\"repository\":\"([^\"]{1,100})\"}");
    private static final int LONGEST = 200;

    /** Empty if these bytes say nothing of the kind. */
    public static Optional<Forgotten> parse(byte[] bytes, Instant at) {
        if (bytes.length > LONGEST) {
            return Optional.empty();
        }
        Matcher matcher = FORM.matcher(new String(bytes, US_ASCII));
        try {
            return matcher.matches()
                    ? Optional.of(new Forgotten(new RepositoryName(matcher.group(1)), at))
                    : Optional.empty();
        } catch (InvalidInputException notOurs) {
            return Optional.empty();
        }
    }

    /** Without the time. */
    public byte[] toBytes() {
        return "{\"type\":\"forgotten\",\"repository\":\"%s\"}"
                .formatted(repository)
                .getBytes(US_ASCII);
    }
}
