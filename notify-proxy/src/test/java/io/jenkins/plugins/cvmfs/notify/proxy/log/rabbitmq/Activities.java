package io.jenkins.plugins.cvmfs.notify.proxy.log.rabbitmq;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jenkins.plugins.cvmfs.notify.client.message.ActivityMessage;
import io.jenkins.plugins.cvmfs.notify.proxy.log.PublishOrigin;
import java.time.Instant;
import java.util.List;

/** Messages with a manifest that can be read but is not signed: the log does not look at signatures. */
public final class Activities {

    /** Of a client, with nothing besides the message. */
    public static final PublishOrigin ORIGIN = new PublishOrigin(List.of(), null);

    private Activities() {}

    /** One that is so much longer, in bytes before they are encoded. */
    public static ActivityMessage message(String repository, long revision, int padding) {
        String manifest = text(repository, revision) + "x".repeat(padding);
        return ActivityMessage.announce(manifest.getBytes(UTF_8), Instant.parse("2026-11-03T04:05:06Z"));
    }

    public static ActivityMessage message(String repository, long revision) {
        return message(repository, revision, 0);
    }

    private static String text(String repository, long revision) {
        return """
                C0123456789abcdef0123456789abcdef01234567
                Rd41d8cd98f00b204e9800998ecf8427e
                D240
                S%s
                N%s
                --
                """.formatted(Long.toUnsignedString(revision), repository);
    }
}
